//! The guides of this folder, compiled.
