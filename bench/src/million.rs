//! A million payments on AWS, in dollars. Each is verified twice: by the shop's page, and again by the webhook.
//!
//! API Gateway, logs and cold starts are left out, alike for all; so is a second server or a load balancer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::figures::Figures;
use crate::stats::{Sample, as_f64};

// Public prices of ap-northeast-2 in US dollars, without free tiers.
/// A million Lambda requests.
const LAMBDA_REQUESTS: f64 = 0.20;
/// A GB-second of Lambda, x86.
const LAMBDA_GB_SECOND: f64 = 0.000_016_666_7;
/// A million on-demand write units of DynamoDB: 1 KB each.
const WRITE_UNITS: f64 = 0.6778;
/// A million on-demand read units: 4 KB each, half of one if eventually consistent.
const READ_UNITS: f64 = 0.1355;
/// A million calls to Secrets Manager.
const SECRET_CALLS: f64 = 5.00;
/// A t4g.small, for a month of 730 hours at $0.0208: as many payments as one such server is kept for.
const SERVER_MONTH: f64 = 730.0 * 0.0208;

/// The sizes of functions that people choose, in MB.
const MEMORY: [f64; 4] = [128.0, 256.0, 512.0, 1024.0];
/// Memory at which Lambda gives a whole CPU.
const MEMORY_OF_A_CPU: f64 = 1769.0;

/// The bill of one contestant, and how it came about.
pub(crate) struct Bill {
    pub(crate) dollars: f64,
    /// The arithmetic, in one line.
    pub(crate) told: String,
}

/// Draws up the bill.
pub(crate) fn bill(figures: &Figures, is_server: bool) -> Bill {
    let row = figures.row_bytes;
    let (compute, mut told) = if is_server {
        (SERVER_MONTH, format!("server ${SERVER_MONTH:.2}"))
    } else {
        lambda(figures)
    };
    let both = [&figures.calls_new, &figures.calls_repeated];
    let count = |name| -> f64 { both.iter().map(|calls| calls_of(calls, name)).sum() };
    // One write of each delivery is the order's, if it writes it at all; whatever else is written is small.
    let order_writes: f64 = both
        .iter()
        .map(|calls| calls_of(calls, "UpdateItem").min(1.0))
        .sum();
    let order_units = as_f64(row.div_ceil(1000));
    let writes = count("UpdateItem") + count("PutItem") - order_writes + order_writes * order_units;
    let reads = count("GetItem") * as_f64(row.div_ceil(4000)) * 0.5;
    let secrets = count("GetSecretValue");
    let dynamodb = writes * WRITE_UNITS + reads * READ_UNITS;
    let _ = write!(
        told,
        " + DynamoDB {writes} M write units × ${WRITE_UNITS} + {reads} M read units × ${READ_UNITS} = ${dynamodb:.2}"
    );
    if secrets > 0.0 {
        let _ = write!(
            told,
            " + {secrets} M secrets × ${SECRET_CALLS:.2} = ${:.2}",
            secrets * SECRET_CALLS
        );
    }
    Bill {
        dollars: compute + dynamodb + secrets * SECRET_CALLS,
        told,
    }
}

/// Two million invocations: the wait as measured, the CPU time stretched by the share of a CPU that the memory buys.
fn lambda(figures: &Figures) -> (f64, String) {
    let memory = MEMORY.into_iter().find(|memory| *memory >= figures.peak);
    let memory = memory.unwrap_or(MEMORY[3]);
    let share = memory / MEMORY_OF_A_CPU;
    let billed = |latency: &Sample, cpu: &Sample| {
        let cpu = cpu.median();
        ((latency.median() - cpu).max(0.0) + cpu / share).ceil()
    };
    let new = billed(&figures.latency, &figures.cpu_paced);
    let repeated = billed(&figures.latency_repeated, &figures.cpu_repeated);
    let gb_seconds = (new + repeated) / 1e3 * 1e6 * memory / 1024.0;
    let dollars = 2.0 * LAMBDA_REQUESTS + gb_seconds * LAMBDA_GB_SECOND;
    let told = format!(
        "Lambda 2 M × ${LAMBDA_REQUESTS:.2} + ({new} + {repeated}) ms × {memory} MB × $0.0000166667 = ${dollars:.2}"
    );
    (dollars, told)
}

fn calls_of(calls: &BTreeMap<String, usize>, name: &str) -> f64 {
    as_f64(calls.get(name).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        let calls = BTreeMap::from([
            ("UpdateItem".to_owned(), 1),
            ("GET /payments".to_owned(), 1),
        ]);
        Figures {
            calls_new: calls.clone(),
            calls_repeated: calls,
            latency: Sample::from_iter([50.0]),
            latency_repeated: Sample::from_iter([50.0]),
            cpu_paced: Sample::from_iter([0.0]),
            cpu_repeated: Sample::from_iter([0.0]),
            peak: 10.0,
            row_bytes: 999,
            ..Figures::default()
        }
    }

    #[test]
    fn a_function_pays_for_requests_time_and_writes() {
        let bill = bill(&figures(), false);
        // 2 × 0.20 + 100,000 s × 0.125 GB × 0.0000166667 + 2 × 0.6778
        assert_eq!(format!("{:.4}", bill.dollars), "1.9639", "{}", bill.told);
    }

    #[test]
    fn a_row_of_two_kilobytes_takes_two_units_and_cpu_is_stretched() {
        let mut figures = figures();
        let one = bill(&figures, false).dollars;
        figures.row_bytes = 1001;
        let two = bill(&figures, false).dollars;
        assert_eq!(format!("{:.4}", two - one), "1.3556");
        figures.cpu_paced = Sample::from_iter([1.0]);
        assert!(bill(&figures, false).told.contains("(63 + 50) ms"));
    }

    #[test]
    fn a_server_pays_for_its_month() {
        let bill = bill(&figures(), true);
        assert_eq!(format!("{:.2}", bill.dollars), "16.54");
    }
}
