import Bytes

/// A text, and what it says in the words of `Statement.description`.
struct Phrase {
    var text: String
    var meaning: String
}

/// Statements at random, in one of their many spellings.
struct RandomStatement {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }

    private mutating func list<T>(_ range: ClosedRange<Int>, _ make: (inout RandomStatement) -> T) -> [T] {
        let count = Int.random(in: range, using: &random)
        return (0..<count).map { _ in make(&self) }
    }

    // MARK: Spelling

    /// White space that must be.
    private mutating func gap() -> String { pick([" ", " ", " ", "  ", "\n", "\t", " /* ' */ ", " -- \"\n"]) }

    /// White space that may be.
    private mutating func space() -> String { random.oneIn(3) ? gap() : "" }

    private mutating func keyword(_ words: String) -> String {
        let words = pick([words, words.lowercased(), String(words.prefix(1)) + words.dropFirst().lowercased()])
        return words.split(separator: " ").joined(separator: gap())
    }

    /// Words and texts, with space between them.
    private mutating func join(_ parts: [String]) -> String {
        var text = parts[0]
        for part in parts.dropFirst() { text += gap() + part }
        return text
    }

    private mutating func commas(_ texts: [String]) -> String {
        var text = ""
        for (index, part) in texts.enumerated() { text += (index > 0 ? "," + space() : "") + part + space() }
        return text
    }

    // MARK: Names and paths

    private mutating func name() -> Phrase {
        let name = pick(["a", "b1", "_c", "data", "Name", "select", "a b", "x\"y", "é", "size"])
        let needsQuotes = ["select", "a b", "x\"y", "é", "size"].contains(name)
        let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
        return Phrase(text: needsQuotes || random.oneIn(3) ? quoted : name, meaning: name)
    }

    private mutating func path() -> Phrase {
        let first = name()
        var text = first.text
        var meanings = [first.meaning]
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            if random.oneIn(2) {
                let next = name()
                text += "." + next.text
                meanings.append(next.meaning)
            } else {
                let index = Int.random(in: 0...99, using: &random)
                text += "[" + space() + "\(index)" + space() + "]"
                meanings.append("[\(index)]")
            }
        }
        return Phrase(text: text, meaning: "[" + meanings.joined(separator: ", ") + "]")
    }

    // MARK: Values

    private mutating func string() -> (text: String, value: String) {
        let value = pick(["", "s", "it's", "--", "/* */", "a\nb", "?", "漢字", "𝄞", "AND"])
        return ("'" + value.replacing("'", with: "''") + "'", value)
    }

    private mutating func number() -> (text: String, value: String) {
        pick([
            ("0", "0"), ("1", "1"), ("-2", "-2"), ("- 2", "-2"), ("- -3", "3"), ("+4", "4"), ("1.50", "1.5"),
            (".5", "0.5"), ("1e2", "100"), ("25E-1", "2.5"), ("-0.001", "-0.001"), ("7e+0", "7"),
        ])
    }

    private static func json(_ text: String) -> String {
        "\"" + text.replacing("\n", with: "\\n") + "\""
    }

    mutating func value(depth: Int = 0) -> Phrase {
        switch Int.random(in: 0..<(depth < 3 ? 10 : 5), using: &random) {
        case 0, 1:
            let (text, value) = string()
            return Phrase(text: text, meaning: "{\"S\":\(Self.json(value))}")
        case 2, 3:
            let (text, value) = number()
            return Phrase(text: text, meaning: "{\"N\":\"\(value)\"}")
        case 4:
            let choice = pick([("TRUE", "{\"BOOL\":true}"), ("FALSE", "{\"BOOL\":false}"), ("NULL", "{\"NULL\":true}")])
            return Phrase(text: keyword(choice.0), meaning: choice.1)
        case 5, 6:
            let elements = list(0...3) { $0.value(depth: depth + 1) }
            return Phrase(
                text: "[" + space() + commas(elements.map(\.text)) + "]",
                meaning: "{\"L\":[" + elements.map(\.meaning).joined(separator: ",") + "]}")
        case 7:
            let members = ["k1", "k2", "k3"].prefix(Int.random(in: 0...3, using: &random)).map {
                ($0, value(depth: depth + 1))
            }
            let texts = members.shuffled(using: &random).map { "'\($0.0)'" + space() + ":" + space() + $0.1.text }
            let meanings = members.map { "\"\($0.0)\":\($0.1.meaning)" }
            return Phrase(
                text: "{" + space() + commas(texts) + "}", meaning: "{\"M\":{" + meanings.joined(separator: ",") + "}}")
        default: return set()
        }
    }

    private mutating func set() -> Phrase {
        let isOfNumbers = random.oneIn(2)
        let all = isOfNumbers ? ["-7", "0", "1.5", "20"] : ["", "a", "b", "漢"]
        var elements = all.filter { _ in random.oneIn(2) }
        if elements.isEmpty { elements = [all[1]] }
        let texts = elements.shuffled(using: &random).map { isOfNumbers ? $0 : "'\($0)'" }
        let meanings = elements.map { Self.json($0) }.joined(separator: ",")
        return Phrase(
            text: "<<" + space() + commas(texts) + ">>", meaning: "{\"\(isOfNumbers ? "NS" : "SS")\":[\(meanings)]}")
    }

    // MARK: Conditions

    private mutating func constant(ordered: Bool = false) -> Phrase {
        guard ordered else { return value() }
        let (text, value) = number()
        return Phrase(text: text, meaning: "{\"N\":\"\(value)\"}")
    }

    /// Something that is compared; the other side is a constant, so that the two differ.
    private mutating func operand() -> Phrase {
        let path = path()
        if random.oneIn(5) {
            return Phrase(text: keyword("size") + "(" + space() + path.text + ")", meaning: "size(\(path.meaning))")
        }
        return random.oneIn(8) ? Phrase(text: "(" + path.text + ")", meaning: path.meaning) : path
    }

    private mutating func comparison() -> Phrase {
        let comparator = pick(["=", "<>", "!=", "<", "<=", ">", ">="])
        let isOrdered = comparator.hasPrefix("<") && comparator != "<>" || comparator.hasPrefix(">")
        let meaning = comparator == "!=" ? "<>" : comparator
        let left = operand()
        let right = constant(ordered: isOrdered)
        let texts = [left.text, comparator, right.text]
        let text = texts[0] + space() + texts[1] + space() + texts[2]
        if random.oneIn(4), !right.text.hasPrefix("<") {
            return Phrase(
                text: right.text + gap() + comparator + gap() + left.text,
                meaning: "(\(right.meaning) \(meaning) \(left.meaning))")
        }
        return Phrase(text: text, meaning: "(\(left.meaning) \(meaning) \(right.meaning))")
    }

    private mutating func leaf() -> Phrase {
        let path = path()
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            let isNegated = random.oneIn(2)
            let text = join([path.text, keyword(isNegated ? "IS NOT MISSING" : "IS MISSING")])
            return Phrase(
                text: text, meaning: isNegated ? "(NOT missing(\(path.meaning)))" : "missing(\(path.meaning))")
        case 1:
            return Phrase(text: join([path.text, keyword("IS NULL")]), meaning: "type(\(path.meaning), NULL)")
        case 2:
            let candidates = list(1...3) { $0.value() }
            let isNegated = random.oneIn(2)
            let texts = commas(candidates.map(\.text))
            let inner = random.oneIn(2) ? "[" + texts + "]" : "(" + texts + ")"
            let meaning = "(\(path.meaning) IN \(candidates.map(\.meaning).joined(separator: ", ")))"
            return Phrase(
                text: join([path.text, keyword(isNegated ? "NOT IN" : "IN"), inner]),
                meaning: isNegated ? "(NOT \(meaning))" : meaning)
        case 3:
            return Phrase(
                text: join([path.text, keyword("BETWEEN"), "-5", keyword("AND"), "1e3"]),
                meaning: "(\(path.meaning) BETWEEN {\"N\":\"-5\"} AND {\"N\":\"1000\"})")
        case 4:
            return Phrase(
                text: keyword("begins_with") + space() + "(" + commas([path.text, "'x'"]) + ")",
                meaning: "begins_with(\(path.meaning), {\"S\":\"x\"})")
        case 5:
            let part = value()
            return Phrase(
                text: keyword("contains") + "(" + commas([path.text, part.text]) + ")",
                meaning: "contains(\(path.meaning), \(part.meaning))")
        case 6:
            return Phrase(
                text: keyword("attribute_exists") + "(" + path.text + ")", meaning: "exists(\(path.meaning))")
        default:
            return Phrase(
                text: keyword("attribute_type") + "(" + commas([path.text, "'NS'"]) + ")",
                meaning: "type(\(path.meaning), NS)")
        }
    }

    mutating func condition(depth: Int = 0) -> Phrase {
        switch Int.random(in: 0..<(depth < 4 ? 7 : 3), using: &random) {
        case 0, 1: return comparison()
        case 2: return leaf()
        case 3:
            let inner = condition(depth: depth + 1)
            return Phrase(
                text: keyword("NOT") + gap() + "(" + inner.text + ")", meaning: "(NOT \(inner.meaning))")
        case 4:
            let inner = condition(depth: depth + 1)
            return Phrase(text: "(" + space() + inner.text + space() + ")", meaning: inner.meaning)
        default:
            let word = pick(["AND", "OR"])
            let a = condition(depth: depth + 1)
            let b = condition(depth: depth + 1)
            return Phrase(
                text: join(["(" + a.text + ")", keyword(word), "(" + b.text + ")"]),
                meaning: "(\(a.meaning) \(word) \(b.meaning))")
        }
    }

    // MARK: Statements

    private mutating func table() -> Phrase {
        let name = pick(["t", "Music", "my-table", "a.b"])
        return Phrase(
            text: name.contains("-") || name.contains(".") || random.oneIn(2) ? "\"\(name)\"" : name, meaning: name)
    }

    private mutating func whereClause() -> Phrase {
        if random.oneIn(5) { return Phrase(text: "", meaning: "") }
        let condition = condition()
        return Phrase(text: gap() + keyword("WHERE") + gap() + condition.text, meaning: " WHERE \(condition.meaning)")
    }

    private mutating func select() -> Phrase {
        let table = table()
        var source = table
        if random.oneIn(3) { source = Phrase(text: table.text + ".\"idx\"", meaning: table.meaning + " INDEX idx") }
        var columns = Phrase(text: "*", meaning: "*")
        if random.oneIn(2) {
            let names = ["c1", "c2", "c3"].prefix(Int.random(in: 1...3, using: &random))
            let paths = names.map { name in
                let first = self.name()
                return Phrase(
                    text: first.text + "." + name + "[0]", meaning: "[\(first.meaning), \(name), [0]] AS \(name)[0]")
            }
            columns = Phrase(text: commas(paths.map(\.text)), meaning: paths.map(\.meaning).joined(separator: ", "))
        }
        let condition = whereClause()
        var text = join([keyword("SELECT"), columns.text, keyword("FROM"), source.text]) + condition.text
        var meaning = "SELECT \(columns.meaning) FROM \(source.meaning)\(condition.meaning)"
        if random.oneIn(3) {
            text +=
                gap() + keyword("ORDER BY") + gap() + "pk" + space() + "," + space() + join(["sk", keyword("DESC")])
            meaning += " ORDER pk ASC, sk DESC"
        }
        return Phrase(text: text, meaning: meaning)
    }

    private mutating func insert() -> Phrase {
        let table = table()
        let members = ["k1", "k2", "k3"].prefix(Int.random(in: 0...3, using: &random)).map { ($0, value()) }
        let texts = members.shuffled(using: &random).map { "'\($0.0)'" + space() + ":" + $0.1.text }
        let meanings = members.map { "\"\($0.0)\":\($0.1.meaning)" }.joined(separator: ",")
        return Phrase(
            text: join([keyword("INSERT INTO"), table.text, keyword("VALUE"), "{" + commas(texts) + "}"]),
            meaning: "INSERT \(table.meaning) {\(meanings)}")
    }

    /// Clauses whose paths do not get in each other's way.
    private mutating func actions() -> Phrase {
        var texts: [String] = []
        var meanings: [String] = []
        for name in ["u1", "u2", "u3"].prefix(Int.random(in: 1...3, using: &random)) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                texts.append(join([keyword("REMOVE"), name]))
                meanings.append("remove [\(name)]")
            case 1:
                let set = set()
                texts.append(join([keyword("SET"), "\(name)=" + keyword("set_add") + "(\(name),\(set.text))"]))
                meanings.append("add [\(name)] \(set.meaning)")
            case 2:
                texts.append(join([keyword("SET"), name, "=", "n", pick(["+", "-"]), "1"]))
                meanings.append("[\(name)] = ([n] \(texts.last!.contains("+") ? "+" : "-") {\"N\":\"1\"})")
            case 3:
                texts.append(join([keyword("SET"), name, "=", keyword("list_append") + "(l, [])"]))
                meanings.append("[\(name)] = list_append([l], {\"L\":[]})")
            default:
                let value = value()
                texts.append(join([keyword("SET"), name + space() + "=" + space() + value.text]))
                meanings.append("[\(name)] = \(value.meaning)")
            }
        }
        return Phrase(text: join(texts), meaning: meanings.joined(separator: "; "))
    }

    private mutating func write() -> Phrase {
        let table = table()
        let condition = whereClause()
        if random.oneIn(2) {
            let returns = random.oneIn(2)
            return Phrase(
                text: join([keyword("DELETE FROM"), table.text]) + condition.text
                    + (returns ? gap() + keyword("RETURNING ALL OLD") + " *" : ""),
                meaning: "DELETE \(table.meaning)\(condition.meaning)" + (returns ? " RETURNING ALL OLD" : ""))
        }
        let actions = actions()
        let returning = pick(["", "ALL OLD", "ALL NEW", "MODIFIED OLD", "MODIFIED NEW"])
        let isFromFirst = random.oneIn(3)
        var text = isFromFirst ? join([keyword("FROM"), table.text]) : join([keyword("UPDATE"), table.text])
        text += isFromFirst ? condition.text + gap() + actions.text : gap() + actions.text + condition.text
        if !returning.isEmpty { text += gap() + keyword("RETURNING \(returning)") + " *" }
        return Phrase(
            text: text,
            meaning: "UPDATE \(table.meaning): \(actions.meaning)\(condition.meaning)"
                + (returning.isEmpty ? "" : " RETURNING \(returning)"))
    }

    mutating func statement() -> Phrase {
        var phrase: Phrase
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: phrase = select()
        case 2: phrase = insert()
        case 3: phrase = write()
        default:
            let select = select()
            phrase = Phrase(
                text: keyword("EXISTS") + "(" + select.text + space() + ")", meaning: "EXISTS \(select.meaning)")
        }
        phrase.text = space() + phrase.text + space() + pick(["", ";"]) + space()
        return phrase
    }
}
