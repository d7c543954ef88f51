//! Every attack of `attacks/*.json`, and its honest twin.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::attack::{Attack, load};
use crate::world::{Rows, Stage, assert_left, assert_rows};

/// Plays one file; the last word on each attack is the honest twin's.
async fn play(theme: &str) {
    let file = folder().join(theme).with_extension("json");
    for attack in load(&file) {
        println!("{theme}: {}", attack.tries);
        refused(&attack).await;
        accepted(&attack).await;
    }
}

async fn refused(attack: &Attack) {
    let world = attack.trick.as_ref().unwrap_or(&attack.world);
    let stage = Stage::set(world).await;
    let new = stage.rows().await;
    stage.play(&attack.before).await;
    let before = stage.rows().await;
    let sends = attack.requests();
    assert!(!sends.is_empty(), "an attack that sends nothing");
    stage.play(&sends).await;
    let after = stage.rows().await;
    assert_rows(&new, &after);
    assert_left(&before, &after, &attack.leaves);
    assert_nothing_won(&before, &after, attack);
    assert_eq!(stage.unmatched().await, attack.unmatched);
    assert_eq!(stage.texts(), attack.texts);
}

/// No file can call it right that an attack pays an order, or gets an account, other than the account floods.
#[track_caller]
fn assert_nothing_won(before: &Rows, after: &Rows, attack: &Attack) {
    for (order, (_, row)) in after {
        let turned =
            |status| row["payment_status"] == status && before[order].1["payment_status"] != status;
        assert!(!turned("paid"), "{order}");
        assert!(!turned("ready") || attack.is_about_texts, "{order}");
    }
}

async fn accepted(attack: &Attack) {
    println!("  honestly:");
    let stage = Stage::set(&attack.world).await;
    let before = stage.rows().await;
    stage.play(&attack.before).await;
    stage.play(&attack.honest).await;
    let after = stage.rows().await;
    assert_rows(&before, &after);
    let says = &attack.honest.last().expect("a request").says;
    let accepted = match says.as_str() {
        "200 success" => "paid",
        "200 vbankIssued" => "ready",
        other => panic!("{other} is not accepted"),
    };
    let is_accepted = |row: &Value| row["payment_status"] == accepted;
    assert!(after.values().any(|(_, row)| is_accepted(row)), "{after:?}");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/attacks")
}

macro_rules! themes {
    ($($theme:ident),*) => {
        const THEMES: &[&str] = &[$(stringify!($theme)),*];
        $(#[tokio::test]
        async fn $theme() {
            play(stringify!($theme)).await;
        })*
    };
}

themes! {
    before_payment, bodies, by_order, floods, gateway, headers, ids, imp_uid, money, orders, routes, unicode, webhooks
}

#[test]
fn every_attack_is_played_and_tries_something_of_its_own() {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let stems: Vec<_> = files
        .iter()
        .map(|file| file.file_stem().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(stems, THEMES);
    let tries: Vec<_> = files
        .iter()
        .flat_map(|file| load(file))
        .map(|attack| attack.tries)
        .collect();
    println!("{} attacks", tries.len());
    assert!(tries.len() >= 60);
    assert_eq!(tries.iter().collect::<BTreeSet<_>>().len(), tries.len());
    assert!(
        tries.iter().all(|tries| tries.starts_with("To ")),
        "{tries:?}"
    );
}
