//! The examples stand beside this file, one file or folder an idea.
