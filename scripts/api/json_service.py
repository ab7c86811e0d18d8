"""Generates the Swift of a service whose requests and answers are JSON: operations, shapes, errors.

One Swift module may serve several models (DynamoDB and its Streams). Everything that a model lacks, or that the service does
otherwise, is in scripts/api/<service>.toml, each point with its reason.
"""

import json
import re

SCALARS = {"string": "String", "integer": "Int", "long": "Int", "double": "Double", "boolean": "Bool", "timestamp": "Double"}
COLUMNS_MAX = 120
LINES_MAX = 600
ACRONYMS = ("Arn", "Id", "Sse", "Kms", "Ttl", "Csv", "Url")
KEYWORDS = {"in", "default", "case", "is", "as", "switch", "where", "import", "repeat", "return", "self", "true", "false"}


def words_upper(name):
    """TableArn -> TableARN, ShardId -> ShardID."""
    for acronym in ACRONYMS:
        name = re.sub(rf"{acronym}(?=s?(?:[A-Z0-9]|$))", acronym.upper(), name)
    return name


def lower_first(name):
    """SSESpecification -> sseSpecification; a leading acronym is lowered whole."""
    lead = re.match(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z]?", name).group(0)
    return lead.lower() + name[len(lead):].replace(".", "")


def field(name):
    """The Swift name of a member."""
    for acronym in ACRONYMS:
        if re.match(rf"{acronym}(?=[A-Z]|$)", name):
            return acronym.lower() + words_upper(name[len(acronym):])
    return lower_first(words_upper(name))


def case_name(value):
    """The Swift name of an enumeration's value: ALL_OLD -> allOld, ConditionalCheckFailed -> conditionalCheckFailed."""
    if not (value.isupper() or "_" in value):
        return lower_first(value)
    first, *rest = value.lower().split("_")
    name = first + "".join(word.capitalize() for word in rest)
    return f"`{name}`" if name in KEYWORDS else name


def wire_path(name):
    """A member's name in a validation message."""
    return name[0].lower() + name[1:]


def filled(line):
    """A call whose last line is too long, with its arguments on lines of their own."""
    if len(line.split("\n")[-1]) <= COLUMNS_MAX:
        return line
    head, _, arguments = line.partition("(")
    indent = " " * (len(head.split("\n")[-1]) - len(head.split("\n")[-1].lstrip()) + 4)
    lines = [""]
    for argument in arguments.split(", "):
        separator = ", " if lines[-1] else ""
        if lines[-1] and len(indent + lines[-1] + separator + argument) >= COLUMNS_MAX:
            lines[-1] += ","
            lines.append(argument)
        else:
            lines[-1] += separator + argument
    return head + "(" + "".join(f"\n{indent}{line}" for line in lines)


class Shapes:
    """The shapes of one or more models, with the corrections of our table."""

    def __init__(self, models, config, fail):
        self.fail = fail
        self.config = config
        self.shapes = {}
        self.used_corrections = set()
        for model in models:
            for name, shape in model["shapes"].items():
                shape = undocumented(shape)
                known = self.shapes.setdefault(name, shape)
                if known["type"] == "structure" and not known.get("exception") and known != shape:
                    fail(f"the models differ about {name}")

    def __getitem__(self, name):
        return self.shapes[name]

    def reach(self, roots):
        """Names of all structures and enumerations that the roots are made of, attribute values excepted."""
        found, waiting = set(), list(roots)
        while waiting:
            name = waiting.pop()
            shape = self.shapes[name]
            if name == "AttributeValue" or name in found:
                continue
            if shape["type"] == "structure":
                found.add(name)
                waiting += [member["shape"] for member in shape["members"].values()]
            elif shape["type"] == "list":
                waiting.append(shape["member"]["shape"])
            elif shape["type"] == "map":
                waiting += [shape["key"]["shape"], shape["value"]["shape"]]
            elif "enum" in shape:
                found.add(name)
        return found

    def kind(self, name):
        """How a shape is held: a tuple whose first word says it, and the name of what is in it."""
        shape = self.shapes[name]
        if name == "AttributeValue":
            return ("value", None)
        if shape["type"] == "structure":
            return ("structure", name)
        if shape["type"] in SCALARS:
            return ("scalar", SCALARS[shape["type"]])
        if shape["type"] == "list":
            inner = self.kind(shape["member"]["shape"])
            lists = {("scalar", "String"): "strings", ("value", None): "values", ("item", None): "items"}
            if inner in lists:
                return (lists[inner], None)
            if inner[0] == "structure":
                return ("list", inner[1])
        if shape["type"] == "map":
            inner = self.kind(shape["value"]["shape"])
            maps = {("scalar", "String"): ("stringMap", None), ("value", None): ("item", None)}
            if inner in maps:
                return maps[inner]
            if inner[0] == "structure":
                return ("map", inner[1])
            if inner[0] == "list":
                return ("mapOfLists", inner[1])
        self.fail(f"no Swift type for {name}")

    def swift_type(self, name):
        what, inner = self.kind(name)
        return {
            "value": "ValueRef", "item": "ItemRef", "values": "[ValueRef]", "items": "[ItemRef]", "strings": "[String]",
            "stringMap": "[String: String]", "scalar": inner, "structure": f"API.{inner}", "list": f"[API.{inner}]",
            "map": f"[String: API.{inner}]", "mapOfLists": f"[String: [API.{inner}]]",
        }[what]

    def members(self, name):
        """A structure's members, in the order in which the service checks them."""
        members = self.shapes[name]["members"]
        order = self.config.get("order", {}).get(name, [])
        if unknown := set(order) - set(members):
            self.fail(f"the order of {name} names {sorted(unknown)}, which the model does not have")
        return [*order, *(member for member in members if member not in order)]

    def correction(self, name, member):
        key = f"{name}.{member}"
        self.used_corrections.add(key)
        return self.config.get("members", {}).get(key, {})

    def enumeration(self, name):
        """An enumeration's values, in the order in which the service lists them."""
        values = self.shapes[name]["enum"]
        order = self.config.get("enums", {}).get(name, values)
        if set(order) != set(values):
            self.fail(f"the values of {name} are not those of the model")
        return order


def undocumented(value):
    """A model's part without its documentation."""
    if isinstance(value, dict):
        return {key: undocumented(part) for key, part in value.items() if key not in ("documentation", "deprecated", "box")}
    return [undocumented(part) for part in value] if isinstance(value, list) else value


class StructureWriter:
    """The Swift of one structure."""

    def __init__(self, shapes, name, reads, writes):
        self.shapes = shapes
        self.name = name
        self.reads = reads
        self.writes = writes
        self.shape = shapes[name]

    def swift(self):
        out = ["extension API {\n", f"    /// `{self.name}` of the model.\n"]
        out.append(f"    package struct {self.name}: Sendable, Hashable {{\n")
        for member, target in self.shape["members"].items():
            out.append(f"        package var {field(member)}: {self.shapes.swift_type(target['shape'])}?\n")
        out.append("    }\n}\n")
        text = "".join(out).replace(" {\n    }\n}\n", " {}\n}\n")
        if self.reads:
            text += self.reader() + self.checker()
        if self.writes:
            text += self.writer()
        return text

    # Reading

    def reader(self):
        out = [f"\nextension API.{self.name}: APIInput {{\n", f'    static var shapeName: StaticString {{ "{self.name}" }}\n\n']
        out.append("    package static func read(\n")
        out.append("        from json: inout JSONReader, in place: JSONReader.Place, into values: inout ValueBuilder\n")
        out.append(f"    ) throws(InputError) -> API.{self.name}? {{\n")
        out.append("        guard try json.beginStructure(shapeName, in: place) else { return nil }\n")
        if not self.shape["members"]:
            out.append("        while try json.nextMember() != nil { try json.skipValue() }\n")
            out.append(f"        return API.{self.name}()\n    }}\n")
            return "".join(out)
        out.append(f"        var shape = API.{self.name}()\n")
        out.append("        while let name = try json.nextMember() {\n            switch name {\n")
        for member, target in self.shape["members"].items():
            apart = self.shapes.config.get("reads", {}).get(f"{self.name}.{member}")
            call = f"try json.{apart['read']}(into: &values)" if apart else self.read_call(target["shape"])
            line = f'            case "{member}": shape.{field(member)} = {call}'
            if len(line) > COLUMNS_MAX:
                line = filled(line.replace(": shape", ":\n                shape"))
            out.append(line + "\n")
        out.append("            default: try json.skipValue()\n            }\n        }\n        return shape\n    }\n")
        return "".join(out)

    def read_call(self, name):
        what, inner = self.shapes.kind(name)
        if what == "scalar":
            return {
                "string": "try json.readString()", "integer": "try json.readInteger()", "boolean": "try json.readBoolean()",
                "long": 'try json.readInteger("Long")', "double": "try json.readDouble()", "timestamp": "try json.readDouble()",
            }[self.shapes[name]["type"]]
        if read := self.shapes.config.get("shapes", {}).get(name, {}).get("read"):
            return f"try json.{read}(into: &values)"
        java = f"com.amazonaws.dynamodb.v20120810.{inner}"
        java = f'named: "{java if what == "map" else f"java.util.List<{java}>"}", into: &values'
        return {
            "value": "try json.readValueRef(into: &values)",
            "item": "try json.readItemRef(into: &values)",
            "values": "try json.readValueRefs(into: &values)",
            "items": "try json.readItemRefs(into: &values)",
            "strings": "try json.readStrings()",
            "stringMap": "try json.readStringMap()",
            "structure": f"try .read(from: &json, in: .member, into: &values)",
            "list": f"try json.readList(of: API.{inner}.self, into: &values)",
            "map": f"try json.readMap(of: API.{inner}.self, {java})",
            "mapOfLists": f"try json.readMapOfLists(of: API.{inner}.self, {java})",
        }[what]

    # Checking

    def checker(self):
        first = self.shapes.config.get("first", {})
        refusal = ""
        if self.name in first.get("table_name", []):
            refusal = "Violations.refusal(ofTableName: tableName)"
        elif self.name in first.get("missing_table_name", []):
            refusal = "tableName == nil ? Violations.refusalOfMissingTableName : nil"
        if refusal:
            refusal = f"\n    package var refusal: String? {{ {refusal} }}\n"
        lines = [line for member in self.shapes.members(self.name) for line in self.checks(member)]
        out = [refusal, "\n    package func check(_ violations: inout Violations) {"]
        if not lines:
            return "".join(out) + "}\n}\n"
        for line in lines:
            out.append("\n" + filled("        " + line))
        return "".join(out) + "\n    }\n}\n"

    def checks(self, member):
        target = self.shape["members"][member]["shape"]
        correction = self.shapes.correction(self.name, member)
        if correction.get("unchecked"):
            return
        name, path = field(member), f'"{wire_path(member)}"'
        if correction.get("required", member in self.shape.get("required", [])):
            yield f"violations.require({name} != nil, {path})"
        what, inner = self.shapes.kind(target)
        limits = {**self.shapes[target], **self.shapes.config.get("shapes", {}).get(target, {}), **correction}
        bounds = "".join(f", {bound}: {limits[bound]}" for bound in ("min", "max") if bound in limits and limits[bound] != 0)
        if limits.get("min") == 0 and what == "scalar" and self.shapes[target]["type"] != "string":
            bounds = ", min: 0" + bounds
        pattern = self.pattern(limits)
        by = ", by: .framework" if correction.get("framework") else ""
        if limits.get("check"):
            yield f"violations.check({limits['check']}: {name}, {path})"
        elif what == "scalar" and "enum" in limits:
            yield f"violations.check({name}, {path}, in: API.{target}.self)"
        elif what == "scalar" and (bounds or pattern):
            yield f"violations.check({name}, {path}{pattern}{bounds}{by})"
        elif what in ("strings", "values", "items", "list") and bounds:
            of = {"strings": "", "values": ', of: "AttributeValue"', "items": ', of: "AttributeMap"'}.get(what, f', of: "{inner}"')
            yield f"violations.check(countOf: {name}, {path}{of}{bounds}{by})"
        elif what in ("map", "mapOfLists"):
            keys = self.shapes.config.get("shapes", {}).get(self.shapes[target]["key"]["shape"], {}).get("keys")
            rule = f", keys: .{keys}" if keys else ""
            if bounds or rule:
                yield f'violations.check(countOf: {name}, {path}, of: "{inner}"{bounds}{rule})'
        yield from self.inner_checks(target, what, name, path)

    def inner_checks(self, target, what, name, path):
        shape = self.shapes[target]
        if what == "strings":
            limits = self.shapes[shape["member"]["shape"]]
            if "enum" in limits:
                self.shapes.fail(f"no check for a list of {shape['member']['shape']}")
            bounds = "".join(f", {bound}: {limits[bound]}" for bound in ("min", "max") if limits.get(bound))
            pattern = self.pattern(limits)
            if bounds or pattern:
                yield f"violations.check(stringsOf: {name}, {path}{pattern}{bounds})"
        elif what == "structure":
            yield f"violations.check({name}, {path})"
        elif what == "list":
            yield f"violations.check(elementsOf: {name}, {path})"
        elif what == "map":
            yield f"violations.check(valuesOf: {name}, {path})"
        elif what == "mapOfLists":
            limits, inner = self.shapes[shape["value"]["shape"]], self.shapes.kind(target)[1]
            if "min" in limits:
                bounds = f"min: {limits['min']}, max: {limits['max']}"
                yield f'violations.check(countOfListsIn: {name}, {path}, of: "{inner}", {bounds})'
            yield f"violations.check(listsOf: {name}, {path})"

    def pattern(self, limits):
        if "pattern" not in limits:
            return ""
        patterns = self.shapes.config.get("patterns", {})
        if limits["pattern"] not in patterns:
            self.shapes.fail(f"no check is named for the pattern {limits['pattern']}")
        return f", pattern: .{patterns[limits['pattern']]}"

    # Writing

    def writer(self):
        out = [f"\nextension API.{self.name}: APIOutput {{\n    package func write(to json: inout JSONWriter) {{\n"]
        out.append("        json.beginObject()\n")
        for member, target in self.shape["members"].items():
            what = self.shapes.kind(target["shape"])[0]
            if what not in ("scalar", "strings", "structure", "list"):
                self.shapes.fail(f"{self.name}.{member} cannot be written")
            out.append(f'        json.member("{member}", {field(member)})\n')
        out.append("        json.endObject()\n    }\n}\n")
        return "".join(out)


def enumeration_swift(shapes, name):
    out = ["extension API {\n", f"    /// `{name}` of the model.\n"]
    out.append(f"    package enum {name}: String, APIEnumeration {{\n")
    for value in shapes.enumeration(name):
        swift = case_name(value)
        suffix = "" if swift.strip("`") == value else f' = "{value}"'
        out.append(f"        case {swift}{suffix}\n")
    out.append("    }\n}\n")
    return "".join(out)


class JSONService:
    """One Swift module and the models that it serves."""

    def __init__(self, key, config, errors, models, error_class, header, cases):
        self.key = key
        self.config = config
        self.error_table = errors
        self.error_class = error_class
        self.header = header
        self.cases = cases
        self.module = config["service"]["module"]
        self.prefix = config["service"]["prefix"]
        self.sources = models
        self.operations = sorted(self.describe(), key=lambda operation: operation["name"])
        self.shapes = Shapes([source["model"] for source in models], config, self.fail)
        self.errors = dict(sorted(self.describe_errors()))
        self.check_reasons()

    def fail(self, message):
        raise self.error_class(f"{self.key}.toml: {message}")

    # Tables

    def describe(self):
        states = self.config["operations"]
        known = set()
        for source in self.sources:
            for name, operation in source["model"]["operations"].items():
                known.add(name)
                if name not in states:
                    self.fail(f"nothing is said of the operation {name}")
                state, _, note = states[name].partition(": ")
                if state not in ("implemented", "unfinished", "refused") or (state != "implemented") != bool(note):
                    self.fail(f"{name} is neither implemented, unfinished nor refused with a reason")
                yield {
                    "name": name, "state": state, "note": note, "target": source["model"]["metadata"]["targetPrefix"],
                    "input": operation.get("input", {}).get("shape"), "output": operation.get("output", {}).get("shape"),
                }
        if unknown := set(states) - known:
            self.fail(f"names operations that the model does not have: {sorted(unknown)}")

    def describe_errors(self):
        """Every exception of the models, then what only the table has."""
        spaces = self.config["namespaces"]
        found = {}
        for source in self.sources:
            for name, shape in source["model"]["shapes"].items():
                if not shape.get("exception"):
                    continue
                status = shape.get("error", {}).get("httpStatusCode", 500 if shape.get("fault") else 400)
                spelling = "Message" if "Message" in shape["members"] else "message"
                found[name] = {"status": status, "namespace": "service", "spelling": spelling}
        for name, entry in self.error_table.items():
            if name not in found and "namespace" not in entry:
                self.fail(f"the errors' table gives no namespace for {name}")
            found[name] = {"spelling": "message", **found.get(name, {}), **entry}
        for name, entry in found.items():
            yield name, {**entry, "type": f"{spaces[entry['namespace']]}#{name}"}

    def check_reasons(self):
        for table in ("members", "shapes", "reads"):
            for name, entry in self.config.get(table, {}).items():
                if not entry.get("reason"):
                    self.fail(f"the correction of {name} gives no reason")

    # Files

    def files(self):
        folder = f"Sources/{self.module}/Generated"
        yield f"{folder}/{self.prefix}Operation.swift", self.operations_swift()
        yield f"{folder}/{self.prefix}ErrorCode.swift", self.errors_swift()
        yield from self.shape_files(folder)
        unused = set(self.config.get("members", {})) - self.shapes.used_corrections
        if unused:
            self.fail(f"corrects members that are not checked: {sorted(unused)}")

    def shape_files(self, folder):
        built = [op for op in self.operations if op["state"] != "refused"]
        by_hand = set(self.config["outputs"]["by_hand"])
        inputs = {op["name"]: self.shapes.reach([op["input"]] if op["input"] else []) for op in built}
        outputs = {
            op["name"]: self.shapes.reach([op["output"]] if op["output"] and op["name"] not in by_hand else []) for op in built
        }
        read, written = set().union(*inputs.values()), set().union(*outputs.values())
        families = {name: family for family, names in self.config["families"].items() for name in names}
        if missing := {op["name"] for op in built} - set(families):
            self.fail(f"no family has {sorted(missing)}")
        roots = {op[side] for op in built for side in ("input", "output")}
        parts = {}
        for shape in sorted(read | written):
            users = {families[name] for name in inputs if shape in inputs[name] or shape in outputs[name]}
            family = users.pop() if len(users) == 1 else "Shared"
            if "enum" in self.shapes[shape]:
                parts.setdefault(family + "Enumerations", []).append(enumeration_swift(self.shapes, shape))
                continue
            side = "Output" if shape not in read else "Input"
            # A family with many structures within structures has them in a file of their own.
            if family in self.config["outputs"].get("divided", []) and shape not in roots:
                side += "Parts"
            text = StructureWriter(self.shapes, shape, shape in read, shape in written).swift()
            parts.setdefault(family + side, []).append(text)
        for part, texts in sorted(parts.items()):
            name = f"API+{part}.swift"
            imports = "" if part.endswith("Enumerations") else "package import Items\n\n"
            text = self.header(name, "shapes of requests and answers.") + imports + "\n".join(texts)
            for number, line in enumerate(text.splitlines(), 1):
                if len(line) > COLUMNS_MAX:
                    self.fail(f"{name}:{number} is too long: {line}")
            if text.count("\n") > LINES_MAX:
                self.fail(f"{name} has {text.count(chr(10))} lines: divide its family")
            yield f"{folder}/{name}", text

    def operations_swift(self):
        prefix, titles = self.prefix, " and ".join(source["title"] for source in self.sources)
        out = [self.header(f"{prefix}Operation.swift", f"the operations of {titles}.")]
        out.append(f"/// Every operation of {titles}; the raw value is its name on the wire.\n")
        out.append(f"package enum {prefix}Operation: String, CaseIterable, Sendable {{\n")
        for op in self.operations:
            out.append(f"    case {lower_first(op['name'])} = \"{op['name']}\"\n")
        out.append("\n    /// How far this server goes with an operation; the coverage page is written from the same table.\n")
        out.append("    package enum Support: Sendable {\n        case implemented\n        case refused\n    }\n\n")
        out.append("    /// How far this server goes with the operation.\n")
        out.append("    package var support: Support {\n        switch self {\n")
        out += self.cases([op["name"] for op in self.operations if op["state"] == "implemented"], ".implemented")
        out.append("        default: .refused\n        }\n    }\n\n")
        out.append("    /// What stands before the name in `X-Amz-Target`.\n")
        out.append("    package var targetPrefix: String {\n        switch self {\n")
        targets = [source["model"]["metadata"]["targetPrefix"] for source in self.sources]
        for target in targets[1:]:
            out += self.cases([op["name"] for op in self.operations if op["target"] == target], f'"{target}"')
        out.append(f'        default: "{targets[0]}"\n        }}\n    }}\n}}\n')
        return "".join(out)

    def errors_swift(self):
        prefix = self.prefix
        out = [self.header(f"{prefix}ErrorCode.swift", "the errors that are answered.")]
        out.append("/// Every exception that is answered; the raw value is its name on the wire.\n")
        out.append(f"package enum {prefix}ErrorCode: String, CaseIterable, Sendable {{\n")
        for name in self.errors:
            out.append(f"    case {lower_first(name)} = \"{name}\"\n")
        out.append("\n    /// The HTTP status of the exception.\n    package var status: Int {\n        switch self {\n")
        statuses = sorted({entry["status"] for entry in self.errors.values()} - {400})
        for status in statuses:
            out += self.cases([name for name, entry in self.errors.items() if entry["status"] == status], str(status))
        out.append("        default: 400\n        }\n    }\n\n")
        out.append("    /// What stands before the name and `#` in `__type`.\n")
        out.append("    package var namespace: String {\n        switch self {\n")
        spaces = self.config["namespaces"]
        for space in spaces:
            if space != "service":
                names = [name for name, entry in self.errors.items() if entry["namespace"] == space]
                out += self.cases(names, f'"{spaces[space]}"')
        out.append(f'        default: "{spaces["service"]}"\n        }}\n    }}\n\n')
        out.append("    /// The name of the member that holds the message: AWS spells it in two ways.\n")
        out.append("    package var messageName: StaticString {\n        switch self {\n")
        out += self.cases([name for name, entry in self.errors.items() if entry["spelling"] == "Message"], '"Message"')
        out.append('        default: "message"\n        }\n    }\n}\n')
        return "".join(out)

    # The page

    STATES = {"implemented": "implemented", "unfinished": "refused", "refused": "refused"}

    def coverage(self, version):
        for source in self.sources:
            target = source["model"]["metadata"]["targetPrefix"]
            operations = [op for op in self.operations if op["target"] == target]
            counts = {state: sum(self.STATES[op["state"]] == state for op in operations) for state in ("implemented", "refused")}
            lines = [f"## {source['title']}", "", ", ".join(f"{count} {state}" for state, count in counts.items() if count) + ".", ""]
            lines += [f"Model `{source['name']}` of botocore {version}, sha256 `{source['sha256']}`.", ""]
            lines += ["| Operation | Request | State | Note |", "|---|---|---|---|"]
            for op in operations:
                lines.append(f"| {op['name']} | `{target}.{op['name']}` | {self.STATES[op['state']]} | {op['note']} |")
            parameters = [entry for entry in self.config.get("parameters", []) if entry.get("model") == source["name"]]
            if parameters:
                lines += ["", "| Parameter | State | Note |", "|---|---|---|"]
                lines += [f"| {entry['name']} | {entry['state']} | {entry['note']} |" for entry in parameters]
            yield "\n".join(lines) + "\n"
