//! HTTP ↔ Lambda, as API Gateway translates.

use std::net::IpAddr;

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use axum::body::Bytes;
use axum::http::{HeaderMap, Response, StatusCode, Version, header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// Turns an HTTP request into the event that API Gateway would invoke the function with.
#[must_use]
pub fn event(request: &Parts, body: &Bytes, source_ip: IpAddr) -> Value {
    let path = request.uri.path();
    let protocol = if request.version == Version::HTTP_10 {
        "HTTP/1.0"
    } else {
        "HTTP/1.1"
    };
    let user_agent = request.headers.get(header::USER_AGENT);
    let user_agent = user_agent.map(|name| String::from_utf8_lossy(name.as_bytes()));
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.uri.query().unwrap_or_default(),
        "headers": headers(&request.headers),
        "requestContext": context(request.method.as_str(), path, protocol, source_ip, user_agent.as_deref()),
        "isBase64Encoded": false,
    });
    if let Some(query) = query(request.uri.query().unwrap_or_default()) {
        event["queryStringParameters"] = query;
    }
    let cookies = request.headers.get_all(header::COOKIE);
    if cookies.iter().next().is_some() {
        let cookies = cookies
            .iter()
            .flat_map(|line| split_cookies(line.as_bytes()));
        event["cookies"] = cookies.collect();
    }
    if !body.is_empty() {
        let text = is_text(&request.headers).then(|| std::str::from_utf8(body).ok());
        event["isBase64Encoded"] = text.flatten().is_none().into();
        event["body"] = text
            .flatten()
            .map_or_else(|| STANDARD.encode(body).into(), Value::from);
    }
    event
}

pub(super) fn context(
    method: &str,
    path: &str,
    protocol: &str,
    source_ip: IpAddr,
    user_agent: Option<&str>,
) -> Value {
    let now = DateTime::from(std::time::SystemTime::now());
    json!({
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": "localhost",
        "domainPrefix": "local",
        "http": {
            "method": method,
            "path": path,
            "protocol": protocol,
            "sourceIp": source_ip.to_string(),
            "userAgent": user_agent,
        },
        "requestId": uuid::Uuid::new_v4().to_string(),
        "routeKey": "$default",
        "stage": "$default",
        "time": common_log_time(&now),
        "timeEpoch": now.to_millis().unwrap_or_default(),
    })
}

/// `22/Nov/2026:20:19:49 +0000`, rearranged from `Sun, 22 Nov 2026 20:19:49 GMT`.
fn common_log_time(now: &DateTime) -> Option<String> {
    let text = now.fmt(DateTimeFormat::HttpDate).ok()?;
    let mut words = text.split(' ').skip(1);
    let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let seconds = clock.split('.').next()?;
    Some(format!("{day}/{month}/{year}:{seconds} +0000"))
}

/// Lower-cased names, repeated ones joined with commas; cookies travel on their own.
fn headers(headers: &HeaderMap) -> Value {
    let mut joined = Map::new();
    for name in headers.keys().filter(|name| **name != header::COOKIE) {
        let values: Vec<_> = headers.get_all(name).iter().collect();
        let values: Vec<_> = values
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        joined.insert(name.to_string(), values.join(",").into());
    }
    joined.into()
}

fn split_cookies(line: &[u8]) -> Vec<Value> {
    let line = String::from_utf8_lossy(line);
    line.split(';').map(|cookie| cookie.trim().into()).collect()
}

fn query(raw: &str) -> Option<Value> {
    let mut joined = Map::new();
    for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
        match joined.get_mut(&*name) {
            Some(Value::String(values)) => {
                values.push(',');
                values.push_str(&value);
            }
            _ => {
                joined.insert(name.into_owned(), value.into());
            }
        }
    }
    (!joined.is_empty()).then(|| joined.into())
}

/// API Gateway hands over these types as text, and every other body in base64: forms and undeclared types too.
fn is_text(headers: &HeaderMap) -> bool {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = declared
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(
            &*essence,
            "application/json" | "application/xml" | "application/javascript"
        )
}

/// Turns the function's answer back into HTTP; what API Gateway cannot make sense of becomes its own 500.
#[must_use]
pub fn response(answer: &Value) -> Response<Bytes> {
    read(answer).unwrap_or_else(internal_server_error)
}

/// What API Gateway answers when the function fails, is too slow or answers nonsense.
#[must_use]
pub fn internal_server_error() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(
        br#"{"message":"Internal Server Error"}"#,
    ));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

fn read(answer: &Value) -> Option<Response<Bytes>> {
    let status = u16::try_from(answer.get("statusCode")?.as_u64()?).ok()?;
    let body = answer
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let body = match answer.get("isBase64Encoded").and_then(Value::as_bool) {
        Some(true) => STANDARD.decode(body).ok()?,
        _ => body.as_bytes().to_vec(),
    };
    let mut response = Response::builder().status(status);
    for (name, value) in answer
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        response = response.header(name, value.as_str()?);
    }
    for cookie in answer
        .get("cookies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        response = response.header(header::SET_COOKIE, cookie.as_str()?);
    }
    let mut response = response.body(body.into()).ok()?;
    let json = header::HeaderValue::from_static("application/json");
    response
        .headers_mut()
        .entry(header::CONTENT_TYPE)
        .or_insert(json);
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Method, Request};
    use lambda_http::aws_lambda_events::apigw::{
        ApiGatewayV2httpRequest, ApiGatewayV2httpResponse,
    };
    use lambda_http::aws_lambda_events::encodings::Body;

    fn translate(request: axum::http::request::Builder, body: &'static [u8]) -> Value {
        let (head, body) = request.body(Bytes::from_static(body)).unwrap().into_parts();
        event(&head, &body, [192, 0, 2, 1].into())
    }

    #[test]
    fn the_function_reads_what_was_sent() {
        let request =
            Request::post("/payments/complete?b=2&a=1&b=%ED%99%8D").header("User-Agent", "curl/8");
        let event = translate(request.header("Content-Type", "application/json"), b"{}");
        let event: ApiGatewayV2httpRequest = serde_json::from_value(event).unwrap();
        assert_eq!(event.raw_path.as_deref(), Some("/payments/complete"));
        assert_eq!(
            event.raw_query_string.as_deref(),
            Some("b=2&a=1&b=%ED%99%8D")
        );
        assert_eq!(event.headers["content-type"], "application/json");
        assert_eq!(
            (event.body.as_deref(), event.is_base64_encoded),
            (Some("{}"), false)
        );
        let http = event.request_context.http;
        assert_eq!(
            (http.method, http.source_ip.as_deref()),
            (Method::POST, Some("192.0.2.1"))
        );
        assert_eq!(
            (http.protocol.as_deref(), http.user_agent.as_deref()),
            (Some("HTTP/1.1"), Some("curl/8"))
        );
    }

    #[test]
    fn only_declared_text_travels_as_text() {
        for (content_type, body, text) in [
            ("application/json; charset=utf-8", &b"{}"[..], true),
            ("TEXT/plain", b"hello", true),
            ("application/x-www-form-urlencoded", b"imp_uid=a", false),
            ("multipart/form-data; boundary=x", b"--x", false),
            ("application/json", b"\xff", false),
            ("", b"{}", false),
        ] {
            let event = translate(
                Request::post("/").header("Content-Type", content_type),
                body,
            );
            assert_eq!(event["isBase64Encoded"], !text, "{content_type}");
            let carried = event["body"].as_str().unwrap();
            let carried = if text {
                carried.as_bytes().to_vec()
            } else {
                STANDARD.decode(carried).unwrap()
            };
            assert_eq!(carried, body, "{content_type}");
        }
    }

    #[test]
    fn repeated_headers_and_parameters_are_joined_and_cookies_go_apart() {
        let request = Request::get("/?a=1&a=2&b=")
            .header("X-A", "1")
            .header("x-a", "2")
            .header("Cookie", "c=1; d=2");
        let event = translate(request, b"");
        assert_eq!(event["headers"], json!({"x-a": "1,2"}));
        assert_eq!(event["queryStringParameters"], json!({"a": "1,2", "b": ""}));
        assert_eq!(event["cookies"], json!(["c=1", "d=2"]));
    }

    #[test]
    fn what_is_not_there_is_absent() {
        let event = translate(Request::get("/"), b"");
        for absent in ["body", "cookies", "queryStringParameters"] {
            assert_eq!(event.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn the_time_is_as_in_an_access_log() {
        assert_eq!(
            common_log_time(&DateTime::from_secs(1_795_379_989)).unwrap(),
            "22/Nov/2026:20:39:49 +0000"
        );
    }

    #[test]
    fn an_answer_becomes_http() {
        let mut answer = ApiGatewayV2httpResponse::default();
        answer.status_code = 503;
        answer
            .headers
            .insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        answer.cookies = vec!["a=1".to_owned(), "b=2".to_owned()];
        answer.body = Some(Body::Binary(vec![0xff]));
        answer.is_base64_encoded = true;
        let response = response(&serde_json::to_value(answer).unwrap());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        assert_eq!(
            response
                .headers()
                .get_all(header::SET_COOKIE)
                .iter()
                .count(),
            2
        );
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
        assert_eq!(response.into_body(), &b"\xff"[..]);
    }

    #[test]
    fn nonsense_becomes_the_gateways_own_error() {
        for nonsense in [
            json!(null),
            json!({}),
            json!({"statusCode": 99}),
            json!({"statusCode": 200, "isBase64Encoded": true, "body": "?"}),
            json!({"statusCode": 200, "headers": {"bad name": "x"}}),
        ] {
            assert_eq!(
                response(&nonsense).status(),
                StatusCode::INTERNAL_SERVER_ERROR,
                "{nonsense}"
            );
        }
    }
}
