//! How an application's files are to be brought together.

/// How an application's files are brought together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BundleOptions {
    /// Conditions of packages' `exports` besides the usual ones.
    pub conditions: Vec<String>,
    /// Names and the expressions that they are replaced with.
    pub define: Vec<(String, String)>,
    /// Whether to shorten the code: smaller sources, names of functions stay.
    pub minify: bool,
    /// Whether packages are to think of development: they check more and say more.
    pub development: bool,
}
