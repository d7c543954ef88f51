//! A table as the shop sees it: plain JSON rows, straight to the engine, uncounted and undisturbed.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};
use serde_json::Value;

use crate::Error;
use crate::error::Source;
use crate::row::{self, Item};

/// A table with a string key.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    key: &'static str,
}

impl Table {
    /// Makes an empty table.
    pub(crate) async fn create(
        client: Client,
        name: String,
        key: &'static str,
    ) -> Result<Self, Error> {
        let table = Self { client, name, key };
        match table.make().await {
            Ok(()) => Ok(table),
            Err(source) => Err(Error::dynamodb(
                format!("create the table {}", table.name),
                source,
            )),
        }
    }

    async fn make(&self) -> Result<(), Source> {
        let definition = AttributeDefinition::builder()
            .attribute_name(self.key)
            .attribute_type(ScalarAttributeType::S)
            .build()?;
        let schema = KeySchemaElement::builder()
            .attribute_name(self.key)
            .key_type(KeyType::Hash)
            .build()?;
        self.client
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(definition)
            .key_schema(schema)
            .send()
            .await?;
        Ok(())
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes a whole row.
    ///
    /// A JSON string becomes S, a number N, and so on; where plain JSON cannot say the type, DynamoDB's own does:
    /// `{"N": "14.20"}`, `{"SS": ["a", "b"]}`.
    ///
    /// # Errors
    /// When the engine refuses the row.
    pub async fn put(&self, row: Value) -> Result<(), Error> {
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(row::item(row)));
        request
            .send()
            .await
            .map_err(|error| self.failed("write to", error))?;
        Ok(())
    }

    /// Changes some attributes of a row and leaves the others alone, as a shop edits its order.
    ///
    /// # Errors
    /// When the engine refuses the change.
    pub async fn edit(&self, key: &str, changes: Value) -> Result<(), Error> {
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(self.key, text(key));
        let mut clauses = Vec::new();
        for (index, (name, value)) in row::item(changes).into_iter().enumerate() {
            clauses.push(format!("#{index} = :{index}"));
            request = request.expression_attribute_names(format!("#{index}"), name);
            request = request.expression_attribute_values(format!(":{index}"), value);
        }
        request = request.update_expression(format!("SET {}", clauses.join(", ")));
        request
            .send()
            .await
            .map_err(|error| self.failed("write to", error))?;
        Ok(())
    }

    /// Reads a row, attributes and sets in alphabetical order; `Null` if there is none.
    ///
    /// An N that is an integer of 64 bits becomes a JSON number, any other N its decimal text.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn get(&self, key: &str) -> Result<Value, Error> {
        Ok(self.item(key).await?.map_or(Value::Null, row::row))
    }

    /// Reads a row with DynamoDB's own types.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn item(&self, key: &str) -> Result<Option<Item>, Error> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(self.key, text(key));
        let answer = request.consistent_read(true).send().await;
        Ok(answer
            .map_err(|error| self.failed("read from", error))?
            .item)
    }

    /// Deletes a row, if there is one.
    ///
    /// # Errors
    /// When the engine cannot be written.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.name)
            .key(self.key, text(key));
        request
            .send()
            .await
            .map_err(|error| self.failed("delete from", error))?;
        Ok(())
    }

    /// Drops the table with everything in it.
    pub(crate) async fn drop(&self) -> Result<(), Error> {
        let request = self.client.delete_table().table_name(&self.name);
        request
            .send()
            .await
            .map_err(|error| self.failed("drop", error))?;
        Ok(())
    }

    fn failed(&self, doing: &str, source: impl Into<Source>) -> Error {
        Error::dynamodb(format!("{doing} the table {}", self.name), source)
    }
}

fn text(key: &str) -> AttributeValue {
    AttributeValue::S(key.to_owned())
}
