//! What payments look like unless somebody says otherwise: values invented, shapes from real bodies.

/// A payment whose window was just opened (OAS `PaymentAnnotation`).
#[rustfmt::skip]
pub(crate) const OPENED: &[(&str, &str)] = &[
    ("amount", "1000"), ("apply_num", "null"), ("bank_code", "null"), ("bank_name", "null"), ("buyer_addr", "null"),
    ("buyer_email", "\"buyer@example.com\""), ("buyer_name", "\"홍길동\""), ("buyer_postcode", "null"),
    ("buyer_tel", "\"010-0000-0000\""), ("cancel_amount", "0"), ("cancel_history", "[]"), ("cancel_reason", "null"),
    ("cancel_receipt_urls", "[]"), ("cancelled_at", "0"), ("card_code", "null"), ("card_name", "null"),
    ("card_number", "null"), ("card_quota", "0"), ("card_type", "null"), ("cash_receipt_issued", "false"),
    ("channel", "\"pc\""), ("currency", "\"KRW\""), ("custom_data", "null"), ("customer_uid", "null"),
    ("customer_uid_usage", "null"), ("emb_pg_provider", "null"), ("escrow", "false"), ("fail_reason", "null"),
    ("failed_at", "0"), ("name", "\"테스트 상품\""), ("paid_at", "0"), ("pay_method", "\"card\""),
    ("pg_id", "\"INIpayTest\""), ("pg_provider", "\"html5_inicis\""),
    ("pg_tid", "\"StdpayCARDINIpayTest20210418054135849372\""), ("receipt_url", "null"), ("sandbox", "false"),
    ("status", "\"ready\""), ("user_agent", "\"Mozilla/5.0\""), ("vbank_code", "null"), ("vbank_date", "0"),
    ("vbank_holder", "null"), ("vbank_issued_at", "0"), ("vbank_name", "null"), ("vbank_num", "null"),
];

/// What the card company adds when it approves.
#[rustfmt::skip]
pub(crate) const CARD: &[(&str, &str)] = &[
    ("apply_num", "\"47405704\""), ("card_code", "\"366\""), ("card_name", "\"신한카드\""),
    ("card_number", "\"510737*********6\""), ("card_type", "1"),
];

/// What the bank adds when a transfer is through, as real bodies show.
pub(crate) const TRANSFER: &[(&str, &str)] =
    &[("bank_code", "\"004\""), ("bank_name", "\"국민은행\"")];

/// What the bank adds when it issues a virtual account.
#[rustfmt::skip]
pub(crate) const ACCOUNT: &[(&str, &str)] = &[
    ("vbank_code", "\"088\""), ("vbank_holder", "\"(주)테스트\""), ("vbank_name", "\"신한\""),
    ("vbank_num", "\"X3790127821223\""),
];
