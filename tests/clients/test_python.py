"""Iamport's own Python client, as it comes from PyPI, against iamport-sim."""

import pytest
from iamport import Iamport

HttpError, ResponseError = Iamport.HttpError, Iamport.ResponseError


@pytest.fixture
def client(gateway):
    return Iamport(gateway.key, gateway.secret, f"{gateway.url}/")


@pytest.fixture
def order(request):
    return f"python-{request.node.name}"[:40]


def test_token(client):
    (name, token), = client.get_headers().items()
    assert name == "X-ImpTokenHeader"
    assert len(token) == 40
    assert client.get_headers() == {name: token}


def test_look_ups(client, gateway, order):
    imp_uid = gateway.pay(order, amount=14.20, currency="USD")
    payment = client.find(imp_uid=imp_uid)
    assert (payment["merchant_uid"], payment["amount"], payment["status"]) == (order, 14.2, "paid")
    assert payment["buyer_name"] == "홍길동"
    assert client.find(merchant_uid=order) == payment
    assert client.is_paid(14.2, imp_uid=imp_uid)
    assert not client.is_paid(14.1, response=payment)


def test_prepare(client, order):
    assert client.prepare(order, 1000) == {"merchant_uid": order, "amount": 1000, "currency": None}
    assert client.prepare_validate(order, 1000)
    assert not client.prepare_validate(order, 999)


def test_cancel_with_checksum(client, gateway, order):
    imp_uid = gateway.pay(order)
    part = client.cancel("고객 요청", imp_uid=imp_uid, amount=300, checksum=1000)
    assert (part["status"], part["cancel_amount"], part["cancel_reason"]) == ("cancelled", 300, "고객 요청")
    rest = client.cancel("고객 요청", merchant_uid=order, checksum=700)
    assert (rest["cancel_amount"], len(rest["cancel_history"])) == (1000, 2)


def test_wrong_credentials(gateway):
    with pytest.raises(HttpError) as refused:
        Iamport(gateway.key, "wrong", f"{gateway.url}/").find(imp_uid="imp_1")
    assert refused.value.code == 401


def test_unknown_payments(client, gateway, order):
    sandbox = gateway.pay(order, sandbox=True)
    for ids in ({"imp_uid": "imp_0"}, {"merchant_uid": "nobody's"}, {"imp_uid": sandbox}):
        with pytest.raises(HttpError) as unknown:
            client.find(**ids)
        assert unknown.value.code == 404
    # Only the look-up by imp_uid hides payments of a test channel.
    assert client.find(merchant_uid=order)["sandbox"] is True


def test_refused_cancellations(client, gateway, order):
    imp_uid = gateway.pay(order)
    with pytest.raises(ResponseError) as checksum:
        client.cancel("", imp_uid=imp_uid, checksum=999)
    assert checksum.value.code == 1
    assert client.find(imp_uid=imp_uid)["cancel_amount"] == 0
    client.cancel("", imp_uid=imp_uid)
    with pytest.raises(ResponseError) as again:
        client.cancel("", imp_uid=imp_uid)
    assert (again.value.code, again.value.message) == (1, "이미 전액취소된 주문입니다.")
    with pytest.raises(ResponseError) as unknown:
        client.cancel("", imp_uid="imp_0")
    assert (unknown.value.code, unknown.value.message) == (1, "취소할 결제건이 존재하지 않습니다.")


def test_refused_preparations(client, order):
    client.prepare(order, 1000)
    with pytest.raises(ResponseError) as twice:
        client.prepare(order, 1000)
    assert twice.value.code == 1
    assert "이미 등록된 merchant_uid" in twice.value.message
    with pytest.raises(HttpError) as unknown:
        client.prepare_validate(f"{order}-2", 1000)
    assert unknown.value.code == 404


def test_trouble_at_the_gateway(client, gateway):
    gateway.fault("bad_gateway", route="look_up")
    with pytest.raises(HttpError) as trouble:
        client.find(imp_uid="imp_0")
    assert trouble.value.code == 502
