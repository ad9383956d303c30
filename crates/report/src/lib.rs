//! Terminal, JSON, Markdown and HTML reports.
