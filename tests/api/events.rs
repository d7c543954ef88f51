//! Every file in `events/` gets the answer it is named after: `<route>-<status>[-<variant>].json`.

use std::fs;
use std::path::Path;

use local::{Answer, Shop, samples};

const SHOP: (&str, &str) = ("REDIRECT_URL", "https://shop.example/orders/done");

#[tokio::test]
async fn every_event_gets_the_answer_it_is_named_after() {
    let shop = Shop::open().await.unwrap();
    samples::stock(&shop).await.unwrap();
    let function = shop.function_with(&[SHOP]).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        // The scheduler's has no answer.
        .filter(|file| !file.ends_with("sweep.json"))
        .collect();
    files.sort();
    let mut statuses = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let (_, status) = name.split_once('-').unwrap();
        let status = status.split('-').next().unwrap();
        let event = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let answer = Answer::from(function.invoke(event).await);
        let location = answer.header("location").map(str::to_owned);
        let told = match &location {
            // To a browser, on its way to the shop's page.
            Some(location) => location.rsplit("status=").next().unwrap_or_default(),
            None => answer.status(),
        };
        assert_eq!(told, status, "{name}: {answer}");
        statuses.push(status.to_owned());
    }
    statuses.sort();
    statuses.dedup();
    assert_eq!(
        statuses.len(),
        19,
        "an event for every answer: {statuses:?}"
    );
    shop.close().await.unwrap();
}
