//! A faithful Iamport (PortOne V1) gateway.
