"""The HTTP service: one router a subject over the parts that `service.py` names; see `app.py`."""
