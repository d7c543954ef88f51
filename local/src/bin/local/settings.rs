//! What the program is told: one argument, and the environment.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use local::Options;

use crate::Problem;

/// The help text; every setting there is.
pub(crate) const USAGE: &str = "\
usage: local [--tour]

Opens a shop on this machine, plays a tour through it and keeps serving until Ctrl-C.

  --tour             play the tour and exit: 0 if all is as the contract says

  PORT               the function's port (8080)
  LISTEN             the address to listen on (127.0.0.1); 0.0.0.0 for containers
  IAMPORT_PORT       the gateway's port (a free one)
  AWS_PORT           the AWS endpoint's port (a free one)
  DYNAMODB_ENDPOINT  a running DynamoDB to use in place of the embedded one";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) tour_only: bool,
    listen: IpAddr,
    port: u16,
    gateway_port: u16,
    aws_port: u16,
    dynamodb: Option<String>,
}

impl Settings {
    pub(crate) fn read(
        arguments: &[String],
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Problem> {
        let tour_only = match arguments {
            [] => false,
            [tour] if tour == "--tour" => true,
            _ => return Err("the only argument is --tour; --help tells more".into()),
        };
        let lookup = |name: &str| lookup(name).filter(|value| !value.is_empty());
        Ok(Self {
            tour_only,
            listen: parse("LISTEN", lookup("LISTEN"), Ipv4Addr::LOCALHOST.into())?,
            port: parse("PORT", lookup("PORT"), 8080)?,
            gateway_port: parse("IAMPORT_PORT", lookup("IAMPORT_PORT"), 0)?,
            aws_port: parse("AWS_PORT", lookup("AWS_PORT"), 0)?,
            dynamodb: lookup("DYNAMODB_ENDPOINT"),
        })
    }

    pub(crate) fn front(&self) -> SocketAddr {
        SocketAddr::new(self.listen, self.port)
    }

    /// The tables have plain names; only in somebody else's engine do they get unique ones.
    pub(crate) fn options(&self) -> Options {
        let options = Options {
            host: self.listen,
            gateway_port: self.gateway_port,
            aws_port: self.aws_port,
            dynamodb: self.dynamodb.clone(),
            ..Options::default()
        };
        match self.dynamodb {
            Some(_) => options,
            None => Options {
                suffix: "local".to_owned(),
                ..options
            },
        }
    }
}

fn parse<T: FromStr>(name: &str, value: Option<String>, default: T) -> Result<T, Problem>
where
    T::Err: Display,
{
    let Some(value) = value else {
        return Ok(default);
    };
    value
        .parse()
        .map_err(|error| format!("{name}={value}: {error}").into())
}
