/// Money that went back because the API was asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The payment.
    pub imp_uid: String,
    /// How much of it, as the gateway prints it.
    pub amount: String,
    /// Why, as the caller put it.
    pub reason: String,
    /// Who wanted it, if the caller said: `customer` or `admin` (OAS `extra.requester`).
    pub requester: Option<String>,
    /// When it took effect, in UNIX seconds by the gateway's clock.
    pub at: i64,
}
