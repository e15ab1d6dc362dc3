"""Reads paste.ini files as CPython and PasteDeploy do, for the differential test.

Each line on standard input is a JSON list of files, each `{"path", "text", "others"}`; each line
on standard output the list of what they come to. The first line says what can be asked.
"""

import io
import json
import os
import re
import sys
from configparser import (
    ConfigParser,
    DuplicateOptionError,
    DuplicateSectionError,
    InterpolationDepthError,
    InterpolationMissingOptionError,
    InterpolationSyntaxError,
    MissingSectionHeaderError,
    ParsingError,
)

try:
    from paste.deploy import loadwsgi
except ImportError:
    loadwsgi = None


def stream(text):
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")


# The grammar.


def value(parser, section, option):
    try:
        return {"value": parser.get(section, option)}
    except InterpolationMissingOptionError:
        return {"error": "missing"}
    except InterpolationSyntaxError:
        return {"error": "syntax"}
    except InterpolationDepthError:
        return {"error": "depth"}


def grammar(path, text):
    here = os.path.dirname(os.path.abspath(path))
    parser = ConfigParser(defaults={"here": here, "__file__": os.path.abspath(path)})
    parser.optionxform = str
    try:
        parser.read_file(stream(text), path)
    except MissingSectionHeaderError as error:
        return {"error": "header", "lines": [error.lineno]}
    except DuplicateSectionError as error:
        return {"error": "section", "lines": [error.lineno]}
    except DuplicateOptionError as error:
        return {"error": "key", "lines": [error.lineno]}
    except ParsingError as error:
        return {"error": "lines", "lines": [line for line, _ in error.errors]}
    return {
        "defaults": {key: value(parser, "DEFAULT", key) for key in parser.defaults()},
        "sections": [
            [name, {key: value(parser, name, key) for key in parser.options(name)}]
            for name in parser.sections()
        ],
    }


# The meaning.


class Refused(Exception):
    """PasteDeploy takes it, or fails only when it builds; wafflehaus says so at once."""


class NotFound(Exception):
    """A composite does not find what its settings name."""


NAME = r"[a-zA-Z0-9_.]+"


class EntryPoint:
    """Instead of importing what an entry point names, remembers the name."""

    def __init__(self, name, group, value):
        self.value = value

    def load(self):
        match = re.match(rf"({NAME})\s*:\s*({NAME})\s*(\[.*\]\s*)?$", self.value)
        if match is None:
            raise Refused("no entry point")
        return f"{match.group(1)}:{match.group(2)}"


class Metadata:
    EntryPoint = EntryPoint

    @staticmethod
    def distribution(name):
        return None


def lookup_object(spec):
    if not re.fullmatch(rf"{NAME}:{NAME}", spec):
        raise Refused("no function")
    return spec


def prepare():
    loadwsgi.importlib_metadata = Metadata
    loadwsgi.lookup_object = lookup_object

    def find_egg_entry_point(self, object_type, name=None):
        if not self.spec:
            raise Refused("no distribution")
        return f"egg:{self.spec}#{name}", "egg", name

    def get_context(self, object_type, name=None, global_conf=None):
        if self.absolute_name(name):
            raise Refused("an entry point with a scheme")
        # A copy: PasteDeploy lets an egg see what is set later in a dictionary that it shares.
        return egg_context(self, object_type, name, dict(global_conf or {}))

    def context_from_use(self, object_type, local_conf, global_conf, additions, section):
        used = self.get_context(object_type, local_conf["use"], dict(global_conf))
        given = {**additions, "__file__": global_conf["__file__"]}
        lost = {k: v for k, v in given.items() if inner(used).global_conf.get(k) != v}
        if not reached(used) and (lost or local_conf.keys() != {"use"}):
            raise Refused("settings that have no effect")
        return use(self, object_type, local_conf, global_conf, additions, section)

    def find_config_section(self, object_type, name=None):
        found = find(self, object_type, name)
        prefixes = [p for options in object_type.config_prefixes for p in options]
        sections = self.parser.sections()
        if sum(len(self._find_sections(sections, p, name)) for p in prefixes) > 1:
            raise Refused("`app` hides `application`")
        return found

    egg_context = loadwsgi.EggLoader.get_context
    use = loadwsgi.ConfigLoader._context_from_use
    def context_from_explicit(self, object_type, local_conf, *rest):
        if {"paste.filter_factory", "paste.filter_app_factory"} <= local_conf.keys():
            raise Refused("two factories, of which one would be a setting")
        return explicit(self, object_type, local_conf, *rest)

    explicit = loadwsgi.ConfigLoader._context_from_explicit
    loadwsgi.ConfigLoader._context_from_explicit = context_from_explicit
    find = loadwsgi.ConfigLoader.find_config_section
    loadwsgi.ConfigLoader.find_config_section = find_config_section
    loadwsgi.EggLoader.find_egg_entry_point = find_egg_entry_point
    loadwsgi.EggLoader.get_context = get_context
    loadwsgi.ConfigLoader._context_from_use = context_from_use


def inner(context):
    """What is built within filters."""
    while True:
        if context.object_type is loadwsgi.FILTER_WITH:
            context = context.next_context
        elif context.object_type is loadwsgi.FILTER_APP:
            context = context.filter_context
        else:
            return context


def reached(context):
    """Whether the settings put into a context are those that its factory gets."""
    factory = inner(context)
    pipeline = factory.object_type is loadwsgi.PIPELINE
    return not pipeline and factory.local_conf is context.local_conf


PROTOCOLS = {
    "egg": "egg",
    "paste.app_factory": "app",
    "paste.composit_factory": "composite",
    "paste.composite_factory": "composite",
    "paste.filter_app_factory": "filter_app",
    "paste.filter_factory": "filter",
}


def tree(context):
    kind = context.object_type
    if kind is loadwsgi.PIPELINE:
        items = context.filter_contexts + [context.app_context]
        return {"pipeline": [tree(item) for item in items]}
    if kind is loadwsgi.FILTER_APP:
        return {"filter": tree(context.filter_context), "next": tree(context.next_context)}
    if kind is loadwsgi.FILTER_WITH:
        return {"with": tree(context.filter_context), "of": tree(context.next_context)}
    if context.protocol not in PROTOCOLS:
        raise Refused("no protocol")
    protocol = PROTOCOLS[context.protocol]
    return {
        "factory": context.object,
        "protocol": protocol,
        "settings": context.local_conf,
        "globals": context.global_conf,
        "apps": apps(context) if protocol == "composite" else {},
    }


def apps(context):
    """What a composite finds that looks for the words of its settings, in two ways."""
    found = {}
    for key, value in context.local_conf.items():
        if key.startswith("handed"):
            conf = context.global_conf
        elif key.startswith("alone"):
            conf = None
        else:
            continue
        loader = context.loader
        try:
            found[key] = [tree(loader.app_context(word, conf)) for word in value.split()]
        except RecursionError:
            raise
        except Exception as error:
            raise NotFound from error
    return found


ROLES = [
    ("app", "app"),
    ("application", "app"),
    ("composite", "app"),
    ("composit", "app"),
    ("pipeline", "app"),
    ("filter-app", "app"),
    ("filter", "filter"),
]


def meaning(path, text, others):
    texts = {path: text, **others}

    def opened(name):
        try:
            return stream(texts[os.path.normpath(name)])
        except KeyError:
            raise FileNotFoundError(name) from None

    loadwsgi.open = opened
    try:
        loader = loadwsgi.ConfigLoader(path)
    except Exception:
        return None
    sections = []
    for section in loader.parser.sections():
        for prefix, role in ROLES:
            if section.startswith(prefix + ":"):
                sections.append([section, meant(loader, section, prefix, role)])
    return sections


def meant(loader, section, prefix, role):
    kind = loadwsgi.APP if role == "app" else loadwsgi.FILTER
    name = section[len(prefix) + 1 :].strip()
    try:
        assert loader.find_config_section(kind, name) == section
        # Found by its name, even if that is one that references take for a scheme.
        loader.absolute_name = lambda _: vars(loader).pop("absolute_name") and None
        return {"tree": tree(loader.get_context(kind, name))}
    except RecursionError:
        return {"error": "round"}
    except NotFound:
        return {"error": "composite"}
    except Exception as error:
        return {"error": repr(error)}


if loadwsgi is not None:
    prepare()
print(json.dumps({"meaning": loadwsgi is not None}), flush=True)
for line in sys.stdin:
    answers = [
        {
            "grammar": grammar(file["path"], file["text"]),
            "meaning": loadwsgi and meaning(file["path"], file["text"], file["others"]),
        }
        for file in json.loads(line)
    ]
    print(json.dumps(answers), flush=True)
