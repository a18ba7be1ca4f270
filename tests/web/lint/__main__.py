"""Write the OpenAPI description to standard output, for the linters."""

import json

from miniapp_api.app import description

print(json.dumps(description(), ensure_ascii=False, indent=1))
