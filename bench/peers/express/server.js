// The Iamport guide's server as a shop would run it, with the guide's obvious slips mended: the order comes from the
// payment, the payment must really be paid, and an error is not an answer about the money.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import axios from 'axios';
import express from 'express';

const { IAMPORT_BASE_URL, IAMPORT_SECRET_ID, ORDERS_TABLE, PORT } = process.env;

const orders = DynamoDBDocumentClient.from(new DynamoDBClient(), { marshallOptions: { removeUndefinedValues: true } });
const secret = await new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId: IAMPORT_SECRET_ID }));
const credentials = JSON.parse(secret.SecretString);

const app = express();
app.use(express.json());

app.post('/payments/complete', async (request, response) => {
  const { imp_uid, merchant_uid } = request.body;

  const token = await axios.post(`${IAMPORT_BASE_URL}/users/getToken`, credentials);
  const { access_token } = token.data.response;
  const looked = await axios.get(`${IAMPORT_BASE_URL}/payments/${encodeURIComponent(imp_uid)}`, {
    headers: { Authorization: `Bearer ${access_token}` },
  });
  const payment = looked.data.response;

  const { Item: order } = await orders.send(new GetCommand({ TableName: ORDERS_TABLE, Key: { merchant_uid } }));
  if (!order) {
    return response.status(404).send({ status: 'orderNotFound', message: '주문을 찾을 수 없습니다' });
  }
  if (payment.merchant_uid !== merchant_uid || payment.amount !== order.amount) {
    return response.status(400).send({ status: 'forgery', message: '위조된 결제시도' });
  }
  if (payment.status !== 'paid') {
    return response.send({ status: payment.status, message: '결제가 완료되지 않았습니다' });
  }
  await orders.send(new UpdateCommand({
    TableName: ORDERS_TABLE,
    Key: { merchant_uid },
    UpdateExpression: 'SET imp_uid = :imp_uid, payment_status = :status, payment = :payment',
    ExpressionAttributeValues: { ':imp_uid': imp_uid, ':status': payment.status, ':payment': payment },
  }));
  response.send({ status: 'success', message: '일반 결제 성공' });
});

app.listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
