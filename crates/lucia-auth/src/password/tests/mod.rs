mod bounds;
mod failures;
mod formats;
mod lucia_js;
