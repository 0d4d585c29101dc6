//! The page that reads a document: the one that the framework makes, under the document's title, with the chapters in the order in which
//! an app walks through them. An address with a fragment opens an operation: `/docs#/Jobs/job`.

/// The framework's page, changed.
pub(super) fn page(html: &str, title: &str, chapters: &[&str]) -> String {
    let order = chapters.iter().map(|chapter| format!("{chapter:?}")).collect::<Vec<_>>().join(",");
    let sorter =
        format!("deepLinking: true,\n        tagsSorter: (a, b) => [{order}].indexOf(a) - [{order}].indexOf(b),");
    let head = "<!doctype html>\n";
    let page = html.trim_start().replacen("<title>Swagger UI</title>", &format!("<title>{title}</title>"), 1);
    // The options stand at the page's end, behind the program, which may hold the same text.
    match page.rsplit_once("deepLinking: true,") {
        Some((before, after)) => format!("{head}{before}{sorter}{after}"),
        None => format!("{head}{page}"),
    }
}
