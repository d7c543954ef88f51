// The guide's flow as a Node function, with Powertools for AWS Lambda: idempotency in DynamoDB, the secret cached.
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';

const { IAMPORT_BASE_URL, IAMPORT_SECRET_ID, IDEMPOTENCY_TABLE, ORDERS_TABLE } = process.env;

const orders = DynamoDBDocumentClient.from(new DynamoDBClient(), { marshallOptions: { removeUndefinedValues: true } });
const config = new IdempotencyConfig({ throwOnNoIdempotencyKey: true });
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: IDEMPOTENCY_TABLE });

// Anything that is not final is thrown, so that the next delivery is looked at again.
const verify = makeIdempotent(async ({ imp_uid, merchant_uid }) => {
  const credentials = await getSecret(IAMPORT_SECRET_ID, { transform: 'json', maxAge: 900 });
  const { access_token } = await gateway('/users/getToken', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  const payment = await gateway(`/payments/${encodeURIComponent(imp_uid)}`, {
    headers: { authorization: `Bearer ${access_token}` },
  });

  const { Item: order } = await orders.send(new GetCommand({ TableName: ORDERS_TABLE, Key: { merchant_uid } }));
  if (!order) {
    throw new Error('orderNotFound');
  }
  if (payment.merchant_uid !== merchant_uid || payment.amount !== order.amount) {
    return answer(400, 'forgery', '위조된 결제시도');
  }
  if (payment.status !== 'paid') {
    throw new Error(payment.status);
  }
  await orders.send(new UpdateCommand({
    TableName: ORDERS_TABLE,
    Key: { merchant_uid },
    UpdateExpression: 'SET imp_uid = :imp_uid, payment_status = :status, payment = :payment',
    ExpressionAttributeValues: { ':imp_uid': imp_uid, ':status': payment.status, ':payment': payment },
  }));
  return answer(200, 'success', '일반 결제 성공');
}, { persistenceStore, config });

export const handler = async (event, context) => {
  config.registerLambdaContext(context);
  const { imp_uid, merchant_uid } = JSON.parse(event.body);
  return verify({ imp_uid, merchant_uid });
};

async function gateway(path, options) {
  const response = await fetch(`${IAMPORT_BASE_URL}${path}`, options);
  if (!response.ok) {
    throw new Error(`the gateway answered ${response.status}`);
  }
  return (await response.json()).response;
}

function answer(statusCode, status, message) {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ status, message }) };
}
