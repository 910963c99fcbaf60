mod fetch_metadata;
mod lucia_js;
mod options;
mod requests;
mod support;
