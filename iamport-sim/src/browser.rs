//! What a browser loads: scripts in place of the real SDK's, under their paths, the payment window they open,
//! and the merchant's console.

use crate::answer::Reply;
use crate::request::Request;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
/// A function of the script's URL and the shape of its answers.
const SDK: &str = include_str!("browser/sdk.js");

/// What is at this path, if it is something for browsers.
pub(crate) fn page(request: &Request) -> Option<Reply> {
    let (method, path) = request.route();
    if !matches!(method, "GET" | "HEAD") {
        return None;
    }
    let (content_type, text) = match *path.as_slice() {
        // `iamport.payment-1.1.8.js` and its like, which want jQuery on the page; this one does not.
        ["js", file] if is_classic(file) => {
            (JAVASCRIPT, script("document.currentScript.src", "classic"))
        }
        ["v1", "iamport.js"] => (JAVASCRIPT, script("document.currentScript.src", "1.3.0")),
        ["v1", "iamport.esm.js"] => {
            let script = script("import.meta.url", "1.3.0");
            (JAVASCRIPT, format!("{script}export default window.IMP;\n"))
        }
        ["window"] => (HTML, include_str!("browser/window.html").to_owned()),
        ["console"] => (HTML, include_str!("browser/console.html").to_owned()),
        ["console.js"] => (JAVASCRIPT, include_str!("browser/console.js").to_owned()),
        ["style.css"] => (CSS, include_str!("browser/style.css").to_owned()),
        ["window.js"] => (JAVASCRIPT, include_str!("browser/window.js").to_owned()),
        _ => return None,
    };
    Some(Reply::new(200, content_type, text))
}

fn is_classic(file: &str) -> bool {
    let version = file.strip_prefix("iamport.payment-");
    version.is_some_and(|version| version.strip_suffix(".js").is_some())
}

/// The SDK is defined once, whichever script comes first (seen in the real one).
fn script(source: &str, shape: &str) -> String {
    format!("window.IMP = window.IMP || (\n{SDK})({source}, '{shape}');\n")
}
