"""Language models as they are deployed: run by openvino-genai with continuous batching."""
