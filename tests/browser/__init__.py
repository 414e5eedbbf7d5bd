"""The pages in a real Chromium against a real server, over a link that can be broken; script/test runs them apart."""
