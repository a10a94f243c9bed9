//! What `wizerjs.toml` may say.

use super::error::Place;
use crate::application::{BuildError, WarmUp};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Settings of wizerjs for a project.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Entry file, from the folder of this file.
    pub entry: Option<PathBuf>,
    /// Names, or paths of names, and the expressions that replace them. A text is an expression in quotes.
    pub define: BTreeMap<String, String>,
    /// Conditions of packages' `exports`, besides those of edge platforms.
    pub conditions: Vec<String>,
    /// Requests that the handler answers in the build, so that what it makes on first use is captured.
    pub warm_up: Vec<WarmUpSettings>,
    /// Names of the variables that the application reads when it runs. Their values are never in an artifact.
    #[schemars(with = "Vec<String>")]
    pub env: Vec<Spanned<String>>,
}

/// A request that the handler answers in the build.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WarmUpSettings {
    /// Method and path, as `GET /products/2`.
    #[schemars(with = "String")]
    pub request: Spanned<String>,
    /// Headers, besides those that every client sends.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Body.
    #[serde(default)]
    pub body: Option<String>,
    /// File that holds the body, from the folder of this file.
    #[schemars(with = "Option<PathBuf>")]
    #[serde(default)]
    pub body_file: Option<Spanned<PathBuf>>,
}

impl Settings {
    /// The JSON schema of the file, for editors.
    pub fn schema() -> String {
        let schema = schemars::schema_for!(Self);
        // A schema is a value of JSON.
        serde_json::to_string_pretty(&schema).unwrap_or_default()
    }

    /// Names of the variables that the application reads when it runs.
    pub fn env_names(&self) -> impl Iterator<Item = &str> {
        self.env.iter().map(|name| name.get_ref().as_str())
    }

    /// What the types do not say.
    pub(super) fn check(&self, place: &Place<'_>) -> Result<(), BuildError> {
        let wrong = self.env.iter().find(|name| {
            let name = name.get_ref();
            name.is_empty() || name.contains(['=', '\0']) || name.chars().any(char::is_control)
        });
        wrong.map_or(Ok(()), |name| {
            let message = format!("'{}' cannot be the name of a variable", name.get_ref().escape_debug());
            Err(place.at(name.span().start, message))
        })
    }
}

impl WarmUpSettings {
    /// The request, with its body read.
    pub(super) fn read(&self, folder: &Path, place: &Place<'_>) -> Result<WarmUp, BuildError> {
        let wrong = |message: String| place.at(self.request.span().start, message);
        let mut request: WarmUp = self.request.get_ref().parse().map_err(wrong)?;
        for (name, value) in &self.headers {
            request.add_header(&format!("{name}: {value}")).map_err(wrong)?;
        }
        if let Some(body) = &self.body {
            request.set_body(body.clone().into_bytes()).map_err(wrong)?;
        }
        if let Some(file) = &self.body_file {
            let body = std::fs::read(folder.join(file.get_ref())).map_err(|cause| {
                place.at(file.span().start, format!("cannot read {}: {cause}", file.get_ref().display()))
            })?;
            request.set_body(body).map_err(wrong)?;
        }
        Ok(request)
    }
}
