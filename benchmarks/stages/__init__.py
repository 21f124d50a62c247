"""Quality and CPU cost of one stage, beside the library it is built on."""
