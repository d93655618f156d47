"""Events of departments' own systems, taken in over HTTP and put on the topic `registry`."""
