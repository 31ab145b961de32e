"""The commands of `district-qa`, one file a subject; `ui.cli` puts them together."""
