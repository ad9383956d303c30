"""Loads a dashboard with Grafana's own models: every key has to be known and to keep its value."""
import json,sys
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
register_default_plugins()
d=json.load(open(sys.argv[1]))
o=json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(d)))
def missing(a,b,p=''):
    if isinstance(a,dict):
        for k,v in a.items():
            if not isinstance(b,dict) or k not in b:
                if v is not None: yield p+'/'+k
            else: yield from missing(v,b[k],p+'/'+k)
    elif isinstance(a,list):
        if len(a)!=len(b): yield p+' length'
        for i,(x,y) in enumerate(zip(a,b)): yield from missing(x,y,f'{p}[{i}]')
    elif a!=b: yield f'{p}: {a!r} != {b!r}'
m=list(missing(d,o)); print('\n'.join(m)); print(len(o['panels']),'panels'); sys.exit(bool(m))
