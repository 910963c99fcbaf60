mod lucia_js;
mod options;
mod reading;
