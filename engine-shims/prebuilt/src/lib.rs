//! The engines built from `engine-shims`, embedded with their manifests.
