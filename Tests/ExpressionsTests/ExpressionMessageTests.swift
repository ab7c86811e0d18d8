import Expressions
import Testing

/// What the service answers to expressions that cannot be.
struct ExpressionMessageTests {
    private static let names = ["#a": "a", "#b": "b", "#c": "c", "#d": "[3]"]
    private static let values = #"""
        {":a":{"S":"a"},":b":{"N":"1"},":c":{"B":"YQ=="},":d":{"BOOL":true},":e":{"NULL":true},":f":{"SS":["a"]},
         ":g":{"NS":["1"]},":h":{"BS":["YQ=="]},":i":{"M":{}},":j":{"L":[]},":X":{"S":"X"}}
        """#

    private func refusal(_ kind: ExpressionKind, _ text: String) throws -> String? {
        try Lab(names: Self.names, values: Self.values).refusal(kind, text)
    }

    @Test(arguments: [
        ("INVALID SYNTAX", "INVALID", "INVALID SYNTAX"), ("set a", "<EOF>", "a"), ("SET", "<EOF>", "SET"),
        ("set a = b / c", "/", "b / c"), ("set a = {\"NULL\"", "{", "= {\""), ("SET _123 = :a", "_", "SET _123"),
        ("set a = b + c + d", "+", "c + d"), ("SET :a = b", ":a", "SET :a ="), ("remove a b", "b", "a b"),
        ("set a[1] = 1", "1", "= 1"), ("add a = b", "=", "a = b"), ("set a = (b.c).d + e", ".", ").d"),
        ("set (a = (b + c))", "(", "set (a"), ("set a = :b,", "<EOF>", ","), ("set a[-1] = :b", "-", "[-1"),
        ("SET hi-there = :a", "-", "hi-there"), ("set a = if_not_exists(a, :a + :b)", "+", ":a + :b"),
        ("set a = set", "set", "= set"), ("add a b", "b", "a b"), ("SET # = :a", "#", "SET # ="),
    ])
    func syntaxErrorsOfUpdates(text: String, token: String, near: String) throws {
        let message = "Invalid UpdateExpression: Syntax error; token: \"\(token)\", near: \"\(near)\""
        #expect(try refusal(.update, text) == message)
    }

    @Test(arguments: [
        ("a", "<EOF>", "a"), (":a", "<EOF>", ":a"), ("a = :a OR NOT :a", "<EOF>", ":a"), ("a = ", "<EOF>", "="),
        ("a == :a", "=", "== :a"), ("(a = :a", "<EOF>", ":a"), ("a = :a)", ")", ":a)"), ("a AND", "AND", "a AND"),
        ("a BETWEEN :a", "<EOF>", ":a"), ("a IN :a", ":a", "IN :a"), ("a.b. = :a", "=", ". = :a"),
        ("a = :a a", "a", ":a a"), ("f(a,) = :a", ")", ",) ="), ("_f(a)", "_", "_f"),
    ])
    func syntaxErrorsOfConditions(text: String, token: String, near: String) throws {
        let message = "Invalid FilterExpression: Syntax error; token: \"\(token)\", near: \"\(near)\""
        #expect(try refusal(.filter, text) == message)
    }

    private static let references = "An expression attribute "

    @Test(arguments: [
        ("", "The expression can not be empty;"), (" \t", "The expression can not be empty;"),
        (" set #x = :x set abOrt = a ", "Attribute name is a reserved keyword; reserved keyword: abOrt"),
        ("remove Absolute", "Attribute name is a reserved keyword; reserved keyword: Absolute"),
        ("set #x = if_not_exist(:x) set c = d", "Invalid function name; function: if_not_exist"),
        ("set a = #x set c = :x", "The \"SET\" section can only be used once in an update expression;"),
        (
            "delete #x :x set a = b delete #x :x",
            "The \"DELETE\" section can only be used once in an update expression;"
        ),
        (
            "SET #x = if_not_exists(:x)",
            references + "name used in the document path is not defined; attribute name: #x"
        ),
        ("SET #a = if_not_exists(:x)", references + "value used in expression is not defined; attribute value: :x"),
        ("set a = if_not_exists(c)", operands("if_not_exists", 1)),
        ("set a = list_append(c)", operands("list_append", 1)),
        (
            "set a = if_not_exists(:a, c)",
            "Operator or function requires a document path; operator or function: if_not_exists"
        ),
        (
            "set a = if_not_exists(if_not_exists(a, b), c)",
            "Operator or function requires a document path; operator or function: if_not_exists"
        ),
        ("set b = list_append(:a, a), c = if_not_exists(a) add x.y :a", wrongAction("ADD", "STRING")),
        ("delete a.b :b", wrongAction("DELETE", "NUMBER")), ("add a :d", wrongAction("ADD", "BOOLEAN")),
        ("add a :e", wrongAction("ADD", "NULL")), ("delete a :c", wrongAction("DELETE", "BINARY")),
        ("add a :i", wrongAction("ADD", "MAP")), ("add a :j", wrongAction("ADD", "LIST")),
        ("set a = list_append(:a, a)", wrongOperand("list_append", "S")),
        ("set a = list_append(a, :b)", wrongOperand("list_append", "N")), ("set a = a + :a", wrongOperand("+", "S")),
        ("set a = :c - a", wrongOperand("-", "B")), ("set a = a + :j", wrongOperand("+", "L")),
        ("set a = size(b)", "The function is not allowed in an update expression; function: size"),
        (
            "set a = list_append(list_append(:j, :j), :j)",
            "The function is not allowed to be used this way in an expression; function: list_append"
        ),
        ("set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)", collision("overlap", "[c, [1], a]", "[c]")),
        ("set #c[3].#d = a, #c[3] = a", collision("overlap", "[c, [3], [3]]", "[c, [3]]")),
        ("SET a = :a REMOVE a", collision("overlap", "[a]", "[a]")),
        ("remove a.#c set a[1] = #d", collision("conflict", "[a, c]", "[a, [1]]")),
        ("set #c[3].#d = a, #c.#d[3] = if_not_exists(a)", collision("conflict", "[c, [3], [3]]", "[c, [3], [3]]")),
        ("remove a[99999999999999]", "List index is not within the allowable range; index: [99999999999999]"),
    ])
    func updatesThatCannotBe(text: String, message: String) throws {
        #expect(try refusal(.update, text) == "Invalid UpdateExpression: " + message)
    }

    private static func operands(_ name: String, _ count: Int) -> String {
        "Incorrect number of operands for operator or function; operator or function: \(name), "
            + "number of operands: \(count)"
    }

    private static func wrongAction(_ name: String, _ type: String) -> String {
        "Incorrect operand type for operator or function; operator: \(name), operand type: \(type)"
    }

    private static func wrongOperand(_ name: String, _ type: String) -> String {
        "Incorrect operand type for operator or function; operator or function: \(name), operand type: \(type)"
    }

    private static func collision(_ word: String, _ one: String, _ two: String) -> String {
        "Two document paths \(word) with each other; must remove or rewrite one of these paths; "
            + "path one: \(one), path two: \(two)"
    }

    @Test(arguments: [
        ("", "The expression can not be empty;"), ("((a = :a))", "The expression has redundant parentheses;"),
        ("((a)) = :a", "The expression has redundant parentheses;"),
        ("((a = :a and (f(x) = :x)))", "The expression has redundant parentheses;"),
        ("f(a) AND abort = :x", "Invalid function name; function: f"),
        ("list_append(a, :j) = :a", "The function is not allowed in a condition expression; function: list_append"),
        ("size(a)", "The function is not allowed to be used this way in an expression; function: size"),
        ("attribute_exists(a) = :a", misused("attribute_exists")),
        ("contains(a, begins_with(b, :a))", misused("begins_with")),
        ("abort = :x", "Attribute name is a reserved keyword; reserved keyword: abort"),
        ("#x = :x", references + "name used in the document path is not defined; attribute name: #x"),
        (":x = #x", references + "value used in expression is not defined; attribute value: :x"),
        ("a = :x and size(a, a) = :b", references + "value used in expression is not defined; attribute value: :x"),
        ("size(a, a) = :b and a = :x", operands("size", 2)), ("begins_with(a)", operands("begins_with", 1)),
        (
            "attribute_exists(:a)",
            "Operator or function requires a document path; operator or function: attribute_exists"
        ),
        ("begins_with(a, :b)", wrongOperand("begins_with", "N")), ("size(:b) > :b", wrongOperand("size", "N")),
        ("attribute_type(a, :b)", wrongOperand("attribute_type", "N")),
        ("attribute_type(a, b)", wrongOperand("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")),
        (
            "attribute_type(a, :X)",
            "Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
        ),
        ("contains(a, a)", distinct("contains", "[a]")), ("a.b[1] = a.b[1]", distinct("=", "[a, b, [1]]")),
        ("a < :j", wrongOperand("<", "L")), (":f >= a", wrongOperand(">=", "SS")),
        ("a BETWEEN :a AND :b", between("requires same data type for lower and upper bounds", "S:a", "N:1")),
        (
            "a BETWEEN :X AND #a or a between :a and :X",
            between("requires upper bound to be greater than or equal to lower bound", "S:a", "S:X")
        ),
    ])
    func conditionsThatCannotBe(text: String, message: String) throws {
        #expect(try refusal(.condition, text) == "Invalid ConditionExpression: " + message)
    }

    private static func misused(_ name: String) -> String {
        "The function is not allowed to be used this way in an expression; function: \(name)"
    }

    private static func distinct(_ name: String, _ path: String) -> String {
        "The first operand must be distinct from the remaining operands for this operator or function; "
            + "operator: \(name), first operand: \(path)"
    }

    private static func between(_ text: String, _ low: String, _ high: String) -> String {
        "The BETWEEN operator \(text); lower bound operand: AttributeValue: {\(low)}, "
            + "upper bound operand: AttributeValue: {\(high)}"
    }

    @Test(arguments: [
        ("!!", "Syntax error; token: \"!\", near: \"!!\""), ("a b", "Syntax error; token: \"b\", near: \"a b\""),
        ("a,", "Syntax error; token: \"<EOF>\", near: \",\""), ("a[]", "Syntax error; token: \"]\", near: \"[]\""),
        ("a, abort", "Attribute name is a reserved keyword; reserved keyword: abort"),
        ("a, #a", collision("overlap", "[a]", "[a]")), ("a.b, a[1]", collision("conflict", "[a, b]", "[a, [1]]")),
        (
            "a" + String(repeating: ".b", count: 32),
            "The document path has too many nesting levels; nesting levels: 33"
        ),
    ])
    func projectionsThatCannotBe(text: String, message: String) throws {
        #expect(try refusal(.projection, text) == "Invalid ProjectionExpression: " + message)
    }

    @Test func expressionsHave4096BytesAnd300Operators() throws {
        #expect(try refusal(.projection, String(repeating: "x", count: 4096)) == nil)
        #expect(
            try refusal(.projection, String(repeating: "x", count: 4097))
                == "Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size; "
                + "expression size: 4097")
        func nested(_ count: Int) -> String {
            "a<b " + String(repeating: "or (a<b ", count: count) + String(repeating: ")", count: count)
        }
        #expect(try refusal(.condition, nested(149)) == nil)
        let tooMany = "Invalid ConditionExpression: The expression contains too many operators; operator count: 301"
        #expect(try refusal(.condition, nested(150)) == tooMany)
        #expect(try refusal(.condition, String(repeating: "not ", count: 1000) + "a<b") == tooMany)
        #expect(
            try refusal(.condition, "a < " + String(repeating: "f(", count: 2000))?.hasPrefix("Invalid Cond") == true)
        let values = (0...100).map { _ in ":a" }.joined(separator: ",")
        #expect(
            try refusal(.filter, "a IN (\(values))")
                == "Invalid FilterExpression: "
                + "The IN operator is provided with too many operands; number of operands: 101"
        )
    }

    @Test func parenthesesTakeABoundedStack() throws {
        let depth = 2046
        let text = String(repeating: "(", count: depth)
        #expect(try refusal(.condition, text + "a<b")?.hasPrefix("Invalid ConditionExpression: ") == true)
        #expect(
            try refusal(.condition, String(repeating: "(", count: 2000) + "a<b" + String(repeating: ")", count: 2000))
                == "Invalid ConditionExpression: The expression has redundant parentheses;")
        #expect(try refusal(.update, "set a = " + text)?.hasPrefix("Invalid UpdateExpression: ") == true)
    }

    @Test func placeholdersMustBeUsed() throws {
        let lab = try Lab(names: ["#a": "a", "#b": "b"], values: #"{":a":{"S":"a"},":b":{"S":"b"}}"#)
        #expect(
            lab.refusal(.update, "remove c", unused: true)
                == "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}")
        #expect(
            lab.refusal(.update, "set #a = :a, #b = c", unused: true)
                == "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}")
        #expect(lab.refusal(.update, "set #a = :a, #b = :b", unused: true) == nil)
    }

    @Test(arguments: ["", "a", "#", "##", "#a b", "#a-b", "#é", ":a"])
    func placeholdersAreAMarkAndAWord(key: String) {
        #expect(
            Placeholders.malformed(names: [key])?.message
                == "ExpressionAttributeNames contains invalid key: Syntax error; key: \"\(key)\"")
        #expect(Placeholders.malformed(values: [key]) == nil || key != ":a")
        #expect(Placeholders.malformed(names: ["#a", "#_", "#123a"]) == nil)
    }
}
