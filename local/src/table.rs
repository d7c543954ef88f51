//! A table as the shop sees it: plain JSON rows, straight to the engine, uncounted and undisturbed.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, ScalarAttributeType,
};
use serde_json::Value;

use crate::Error;
use crate::error::Source;
use crate::row::{self, Item};

/// A table whose key is one text, or two.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    key: &'static [&'static str],
}

/// The key of one row: a text for each of the table's key attributes.
#[derive(Debug, Clone)]
pub struct Key(Vec<String>);

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self(vec![key.to_owned()])
    }
}

impl From<&String> for Key {
    fn from(key: &String) -> Self {
        key.as_str().into()
    }
}

impl From<[&str; 2]> for Key {
    fn from(key: [&str; 2]) -> Self {
        Self(key.map(str::to_owned).to_vec())
    }
}

impl Table {
    /// Makes an empty table, with an index of this name over a text and a number if one is asked for.
    pub(crate) async fn create(
        client: Client,
        name: String,
        key: &'static [&'static str],
        index: Option<(&'static str, [&'static str; 2])>,
    ) -> Result<Self, Error> {
        let table = Self { client, name, key };
        match table.make(index).await {
            Ok(()) => Ok(table),
            Err(source) => Err(Error::dynamodb(
                format!("create the table {}", table.name),
                source,
            )),
        }
    }

    async fn make(&self, index: Option<(&str, [&str; 2])>) -> Result<(), Source> {
        use ScalarAttributeType::{N, S};
        let mut request = self
            .client
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(schema(self.key)?));
        let mut attributes: Vec<_> = self.key.iter().map(|name| (*name, S)).collect();
        if let Some((name, [text, number])) = index {
            attributes.extend([(text, S), (number, N)]);
            let everything = Projection::builder().projection_type(ProjectionType::All);
            request = request.global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(name)
                    .set_key_schema(Some(schema(&[text, number])?))
                    .projection(everything.build())
                    .build()?,
            );
        }
        for (name, kind) in attributes {
            let definition = AttributeDefinition::builder().attribute_name(name);
            request = request.attribute_definitions(definition.attribute_type(kind).build()?);
        }
        request.send().await?;
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
    pub async fn edit(&self, key: impl Into<Key>, changes: Value) -> Result<(), Error> {
        let request = self.changing(key, changes);
        request
            .send()
            .await
            .map_err(|error| self.failed("write to", error))?;
        Ok(())
    }

    fn changing(&self, key: impl Into<Key>, changes: Value) -> UpdateItemFluentBuilder {
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(self.key(key)));
        let mut clauses = Vec::new();
        for (index, (name, value)) in row::item(changes).into_iter().enumerate() {
            clauses.push(format!("#{index} = :{index}"));
            request = request.expression_attribute_names(format!("#{index}"), name);
            request = request.expression_attribute_values(format!(":{index}"), value);
        }
        request.update_expression(format!("SET {}", clauses.join(", ")))
    }

    /// The same, only if an attribute has this text; whether it had.
    ///
    /// # Errors
    /// When the engine refuses the change.
    pub async fn edit_if(
        &self,
        key: impl Into<Key>,
        changes: Value,
        (name, value): (&str, &str),
    ) -> Result<bool, Error> {
        let request = self
            .changing(key, changes)
            .condition_expression("#if = :if")
            .expression_attribute_names("#if", name)
            .expression_attribute_values(":if", AttributeValue::S(value.to_owned()));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(self.failed("write to", error)),
        }
    }

    /// Reads a row, attributes and sets in alphabetical order; `Null` if there is none.
    ///
    /// An N that is an integer of 64 bits becomes a JSON number, any other N its decimal text.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn get(&self, key: impl Into<Key>) -> Result<Value, Error> {
        Ok(self.item(key).await?.map_or(Value::Null, row::row))
    }

    /// Reads a row with DynamoDB's own types.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn item(&self, key: impl Into<Key>) -> Result<Option<Item>, Error> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(self.key(key)));
        let answer = request.consistent_read(true).send().await;
        Ok(answer
            .map_err(|error| self.failed("read from", error))?
            .item)
    }

    /// Every row, as [`Table::get`] shows them.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn rows(&self) -> Result<Vec<Value>, Error> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut rows = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.failed("read from", error))?;
            rows.extend(page.items.unwrap_or_default().into_iter().map(row::row));
        }
        Ok(rows)
    }

    /// Deletes a row, if there is one.
    ///
    /// # Errors
    /// When the engine cannot be written.
    pub async fn delete(&self, key: impl Into<Key>) -> Result<(), Error> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(self.key(key)));
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

    fn key(&self, key: impl Into<Key>) -> HashMap<String, AttributeValue> {
        let names = self.key.iter().map(|name| (*name).to_owned());
        let values = key.into().0.into_iter().map(AttributeValue::S);
        names.zip(values).collect()
    }

    fn failed(&self, doing: &str, source: impl Into<Source>) -> Error {
        Error::dynamodb(format!("{doing} the table {}", self.name), source)
    }
}

fn is_refused(error: &SdkError<UpdateItemError>) -> bool {
    let refused = error.as_service_error();
    refused.is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}

fn schema(names: &[&str]) -> Result<Vec<KeySchemaElement>, Source> {
    let kinds = [KeyType::Hash, KeyType::Range];
    let elements = names.iter().zip(kinds).map(|(name, kind)| {
        let element = KeySchemaElement::builder().attribute_name(*name);
        element.key_type(kind).build().map_err(Source::from)
    });
    elements.collect()
}
