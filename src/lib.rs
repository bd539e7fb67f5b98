//! aiplat
