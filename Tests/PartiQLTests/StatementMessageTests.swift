import PartiQL
import Testing

/// What the service answers to statements that cannot be.
struct StatementMessageTests {
    private static let notWellFormed = "Statement wasn't well formed, can't be processed: "

    private func refusal(_ text: String, _ parameters: String = "[]") throws -> String? {
        try Lab(parameters: parameters).refusal(text)
    }

    @Test(arguments: [
        ("SLECT * FROM t WHERE pk = 'a'", "Expected data manipulation"), ("UPDATE t", "Expected data manipulation"),
        ("UPDATE Payment-x SET active=1 WHERE a=1", "Expected data manipulation"),
        ("FROM t WHERE a = 1", "Expected data manipulation"),
        ("SELECT * FROM t WHERE pk = 1 foo", "Unexpected token after expression"),
        ("SELECT * FROM t WHERE pk = 1 e5", "Unexpected token after expression"),
        ("INSERT INTO t VALUE {'pk': 1} foo", "Unexpected token after expression"),
        ("UPDATE t SET a = 9 WHERE pk = 1 foo", "Unexpected token after expression"),
        ("DELETE FROM t WHERE pk = 1 foo", "Unexpected token after expression"),
        ("SELECT * FROM t WHERE pk = 1)", "Unexpected token after expression"),
        ("DELETE FROM t WHERE pk = 1 ORDER BY pk", "Unexpected token after expression"),
        ("SELECT * FROM t ORDER BY pk WHERE pk = 1", "Unexpected token after expression"),
        ("SELECT * FROM t; SELECT * FROM t", "Unexpected token after expression"),
        ("INSERT INTO t t VALUE {'pk': 'x'}", "Unexpected token after expression"),
        ("UPDATE t REMOVE a, b WHERE pk = 'a'", "Unexpected token after expression"),
        ("FROM t SET c = 1 WHERE pk = 'a'", "Unexpected token after expression"),
        ("FROM t SET c = 1 WHERE pk = 'a' SET d = 2", "Unexpected token after expression"),
        ("SELECT * FROM t WHERE", "Unexpected term"), ("SELECT * FROM t WHERE;", "Unexpected term"),
        ("SELECT * FROM t WHERE   ", "Unexpected term"), ("SELECT pk FROM t WHERE", "Unexpected term"),
        ("UPDATE t SET a = 1 WHERE", "Unexpected term"), ("DELETE FROM t WHERE", "Unexpected term"),
        ("SELECT * FROM t WHERE NOT", "Unexpected term"), ("SELECT * FROM t WHERE (", "Unexpected term"),
        ("SELECT * FROM", "Unexpected term"), ("SELECT * FROM t WHERE pk = :p", "Unexpected term"),
        ("", "Unexpected term"), (";", "Unexpected term"),
        ("SELECT * FROM t WHERE pk = 'a' AND", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM t WHERE pk = 'a' OR", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM t WHERE ORDER BY pk", "Unexpected keyword"),
        ("INSERT INTO urls (key, secret_key) VALUES (?, ?)", "Unexpected keyword"),
        ("SELECT * FROM t WHERE pad = 'none'", "Unexpected keyword"), ("SELECT pk, user FROM t", "Unexpected keyword"),
        ("CREATE TABLE t", "Unexpected keyword"),
        ("SELECT * FROM t WHERE IS NULL", "Unexpected operator"),
        ("SELECT * FROM t WHERE pk = LIKE", "Unexpected operator"),
        ("SELECT * FROM t WHERE pk = 'a' AND x IS FOO", "Expected type name"),
        ("DELETE FROM", "Expected identifier for simple path"),
        ("DELETE FROM   ", "Expected identifier for simple path"),
        ("DELETE FROM;", "Expected identifier for simple path"),
        ("DELETE FROM WHERE pk = 'a'", "Expected identifier for simple path"),
        ("UPDATE t SET WHERE", "Expected identifier for simple path"), ("DELETE t", "Expected FROM after DELETE"),
        ("UPDATE t SET a WHERE pk = 'a'", "Expected '='"), ("SELECT FROM t", "Cannot have empty SELECT list"),
        ("SELECT a WHERE b = 1", "Expected FROM after SELECT list"),
        ("SELECT * FROM t WHERE attribute_exists(m.inner)", "Invalid path dot component"),
        ("UPDATE t SET m.inner = set_add(m.inner, <<'y'>>)", "Invalid path dot component"),
        ("UPDATE t SET l[a] = 1", "Invalid path component for simple path"),
        ("UPDATE t SET m.* = 1", "Invalid path dot component for simple path"),
        ("SELECT * FROM (SELECT * FROM t AS x", "Expected RIGHT_PAREN"),
        ("SELECT * FROM t WHERE a IN [1, 2", "Expected RIGHT_BRACKET"),
        ("INSERT INTO t VALUE {'a' 1}", "Expected COLON"),
        ("SELECT * FROM t WHERE ()", "Expression group cannot be empty"),
        ("SELECT * FROM t WHERE size(*) = 1", "size(*) is not allowed"),
        (
            "UPDATE t REMOVE a RETURNING *",
            "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element."
        ),
        (
            "SELECT *, a FROM t",
            "Other expressions may not be present in the select list when '*' is used without dot notation."
        ),
    ])
    func textsThatAreNoStatements(text: String, detail: String) throws {
        #expect(try refusal(text) == Self.notWellFormed + detail)
    }

    /// What cannot be cut into tokens is refused without a detail.
    @Test(arguments: [
        "SELECT * FROM \"t", "SELECT * FROM t WHERE a = 'x", "SELECT * FROM t WHERE pk = 1 # note",
        "SELECT * FROM t WHERE pk = 1 /* note", "SELECT * FROM t WHERE pk = 1e2147483648",
        "SELECT * FROM t WHERE pk = 1e99999999999", "SELECT * FROM t WHERE pk = 1.5e-2147483647",
        "SELECT * FROM t WHERE pk = 1x", "SELECT é FROM t", "SELECT `a` FROM t",
        "SELECT a ! b FROM t", "SELECT * FROM t WHERE a = 1e",
    ])
    func textsThatAreNoTokens(text: String) throws {
        #expect(try refusal(text) == Self.notWellFormed)
    }

    private static let overflow =
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    private static let underflow =
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    private static let invalid = "One or more parameter values were invalid: "

    @Test(arguments: [
        ("SELECT * FROM t WHERE pk = 1e126", overflow + " under root"),
        ("SELECT * FROM t WHERE pk = 1e-131", underflow + " under root"),
        (
            "SELECT * FROM t WHERE pk = 123456789012345678901234567890123456789",
            "Attempting to store more than 38 significant digits in a Number under root"
        ),
        ("UPDATE t SET a = 1e-131 WHERE pk = 1", underflow + " under root"),
        ("INSERT INTO t VALUE {'pk': 1e126}", overflow + " under root"),
        ("INSERT INTO t VALUE {'pk': 1, 'm': {'x': 1e126}}", overflow + " under root.x"),
        ("INSERT INTO t VALUE {'pk': 1, 'l': [1, 1e126]}", overflow + " under root[1]"),
        ("INSERT INTO t VALUE {'s': <<>>}", "Empty bags are not supported"),
        (
            "INSERT INTO t VALUE {'s': <<1, 'a'>>}",
            "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
        ),
        (
            "INSERT INTO t VALUE {'s': <<?>>}",
            "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
        ),
        (
            "INSERT INTO t VALUE {'s': [<<'a', 'a'>>]}", invalid + "Input collection [a, a] contains duplicates."
        ),
        (
            "UPDATE t SET n = set_add(n, <<2, 2.0>>)",
            invalid + "Input collection [2, 2.0] contains duplicates! under root"
        ),
        ("SELECT * FROM t WHERE s = <<'a','a'>>", invalid + "Input collection [a, a] contains duplicates."),
        ("UPDATE t SET x = [?] WHERE pk = 'a'", "Unsupported data type: Parameter under key root[0] at 1:19:1"),
        (
            "INSERT INTO t VALUE {'pk':'a','m':{'k':?}}",
            "Unsupported data type: Parameter under key root.k at 1:40:1"
        ),
        (
            "INSERT INTO t VALUE {'pk': 'a', 'ss': set_add(<<'a'>>, <<'b'>>)}",
            "Unsupported data type: set_add under key root at 1:39:7"
        ),
        ("INSERT INTO t VALUE {'a': b}", "Unsupported data type: VariableReference under key root at 1:27:1"),
        ("INSERT INTO t VALUE ?", "Unsupported data type: Parameter under key root at 1:21:1"),
        ("SELECT * FROM t WHERE a = MISSING", "Unsupported data type: MISSING under key root at 1:27:7"),
        (
            "UPDATE t SET d = " + String(repeating: "{'a':", count: 32) + "1" + String(repeating: "}", count: 32),
            "Nesting Levels have exceeded supported limits under root" + String(repeating: ".a", count: 32)
        ),
        (
            "UPDATE t SET d = {'a':" + String(repeating: "[", count: 31) + "1" + String(repeating: "]", count: 31)
                + "}",
            "Nesting Levels have exceeded supported limits under root.a" + String(repeating: "[0]", count: 31)
        ),
    ])
    func valuesThatCannotBe(text: String, message: String) throws {
        #expect(try refusal(text, text.contains("?") ? Self.parameter : "[]") == message)
    }

    private static let parameter = #"[{"S":"p"}]"#

    @Test func valuesOf32LevelsAreTaken() throws {
        let deep = String(repeating: "{'a':", count: 31) + "1" + String(repeating: "}", count: 31)
        #expect(try refusal("INSERT INTO t VALUE {'pk':'a','d':\(deep)}") == nil)
    }

    private static let wrongType = "Incorrect operand type for operator or function; operator or function: "
    private static let wrongCount = "Incorrect number of operands for operator or function; operator or function: "
    private static let needsPath = "Operator or function requires a document path; operator or function: "

    @Test(arguments: [
        ("attribute_exists('ss')", needsPath + "attribute_exists"),
        ("attribute_exists(?)", needsPath + "attribute_exists"),
        ("attribute_exists()", wrongCount + "attribute_exists, number of operands: 0"),
        ("attribute_exists(ss, ns)", wrongCount + "attribute_exists, number of operands: 2"),
        ("begins_with(a)", wrongCount + "begins_with, number of operands: 1"),
        ("begins_with(a, 1)", wrongType + "begins_with, operand type: N"),
        ("size(1) = 1", wrongType + "size, operand type: N"),
        ("size(a, b) = 1", wrongCount + "size, number of operands: 2"),
        ("attribute_type(l, 1)", wrongType + "attribute_type, operand type: N"),
        ("attribute_type(l, true)", wrongType + "attribute_type, operand type: BOOL"),
        (
            "attribute_type(l, 'X')",
            "Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
        ),
        ("val < true", wrongType + "<, operand type: BOOL"), ("val >= null", wrongType + ">=, operand type: NULL"),
        ("[1] > val", wrongType + ">, operand type: L"), ("val <= {'a': 1}", wrongType + "<=, operand type: M"),
        ("val < <<1>>", wrongType + "<, operand type: NS"),
        ("attribute_exists(n) > false", wrongType + ">, operand type: BOOL"),
        ("val BETWEEN true AND false", wrongType + "BETWEEN, operand type: BOOL"),
        (
            "val BETWEEN 2 AND 1",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                + "lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"
        ),
        (
            "a = a",
            "The first operand must be distinct from the remaining operands for this operator or function; "
                + "operator: =, first operand: [a]"
        ),
        ("EXISTS(ss)", "Unrecognized function: exists at 1:23:6"),
        ("set_add(ss, <<'x'>>) = ss", "Unrecognized function: set_add at 1:23:7"),
        ("a = 1 AND upper(a) = 'A'", "Unrecognized function: upper at 1:33:5"),
        (
            "a IN [" + (0..<101).map { "\($0)" }.joined(separator: ",") + "]",
            "The IN operator is provided with too many operands; number of operands: 101"
        ),
        ("a", "Unsupported operation: VariableReference"), ("'a'", "Unsupported operation: Literal"),
        ("a LIKE 'b%'", "Unsupported operation: like"), ("a + 1 = 2", "Unsupported operation: +"),
        ("n > -n", "Unsupported operation: -"), ("n > -?", "Unsupported operation: -"),
        ("a IS BLOB", "Unsupported operation: IsType"), ("a IN b", "Unsupported operation: VariableReference"),
        ("a = (SELECT * FROM t)", "Unsupported operation: Select"),
        ("l[1.5] = 1", "List index is not within the allowable range; index: [1.5] at 1:25:3"),
        (
            "a" + String(repeating: ".a", count: 32) + " = 1",
            "The document path has too many nesting levels; nesting levels: 33"
        ),
    ])
    func conditionsThatCannotBe(text: String, message: String) throws {
        #expect(try refusal("SELECT * FROM t WHERE " + text, text.contains("?") ? Self.parameter : "[]") == message)
    }

    @Test(arguments: [
        ("t = set_add(ss, <<'x'>>)", "The first argument to SET_ADD must equal the assignment value at 1:18:7"),
        ("ss = set_add(<<'a'>>, <<'b'>>)", "The first argument to SET_ADD must equal the assignment value at 1:19:7"),
        ("ss = set_add(ss, 'x')", "The second argument to SET_ADD must be a value with type SET at 1:27:2"),
        ("ss = set_add(ss, ['x'])", "The second argument to SET_ADD must be a value with type SET at 1:27:2"),
        ("ss = set_add(ss, b)", "The second argument to SET_ADD must be a value with type SET at 1:27:2"),
        (
            "\"BandMembers\" = set_delete(\"BandMembers\", ['x'])",
            "The second argument to SET_DELETE must be a value with type SET at 1:41:13"
        ),
        ("ss = set_add(ss)", "SET_ADD must have exactly two arguments at 1:19:7"),
        ("ss = set_add(ss, <<'x'>>, <<'y'>>)", "SET_ADD must have exactly two arguments at 1:19:7"),
        ("t = set_delete(ss, <<'a'>>)", "The first argument to SET_DELETE must equal the assignment value at 1:18:10"),
        ("ss = set_add(ss, <<>>)", "Empty bags are not supported"),
        ("n = 'a' + 1", wrongType + "+, operand type: S"), ("n = n - null", wrongType + "-, operand type: NULL"),
        ("n = n + [1]", wrongType + "+, operand type: L"),
        ("l = list_append(l, 1)", wrongType + "list_append, operand type: N"),
        ("l = list_append(l)", wrongCount + "list_append, number of operands: 1"),
        ("n = if_not_exists(n, 1)", "Unrecognized function: if_not_exists at 1:18:13"),
        ("n = n * 2", "Unsupported operation: *"), ("n = (a = 1)", "Unsupported operation: ="),
        (
            "a = 1, a.b = 2",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                + "path one: [a], path two: [a, b]"
        ),
        ("l[-1] = 1", "List index is not within the allowable range; index: [-1] at 1:17:1"),
    ])
    func updatesThatCannotBe(text: String, message: String) throws {
        #expect(try refusal("UPDATE t SET " + text + " WHERE pk = 'a'") == message)
    }

    @Test(arguments: [
        ("SELECT attribute_exists(ss) FROM t", "Unexpected path component at 1:8:16"),
        ("SELECT COUNT(*) FROM t", "Unexpected path component at 1:8:5"),
        ("SELECT a.* FROM t", "Unexpected path component at 1:8:1"),
        ("SELECT 'a' FROM t", "Unexpected path component at 1:8:3"),
        ("SELECT l[-1] FROM t", "List index is not within the allowable range; index: [-1] at 1:11:1"),
        ("SELECT l[2147483648] FROM t", "List index is not within the allowable range; index: [2147483648] at 1:10:10"),
        ("SELECT s, s FROM t", "Duplicate identifiers in select clause: s"),
        ("SELECT m.z, n.z FROM t", "Duplicate identifiers in select clause: z"),
        ("SELECT s AS x FROM t", "Aliasing is not supported"), ("SELECT s x FROM t", "Aliasing is not supported"),
        ("SELECT * FROM t u WHERE pk = 'x'", "Aliasing is not supported"),
        ("SELECT * FROM t AS u WHERE pk = 'x'", "Aliasing is not supported"),
        ("UPDATE t u SET a = 3 WHERE pk = 'x'", "Aliasing is not supported"),
        ("DELETE FROM t u WHERE pk = 'x'", "Aliasing is not supported"),
        ("SELECT id FROM dbimp_page LIMIT 5", "Unsupported clause: LIMIT at 1:33:1"),
        ("SELECT * FROM t WHERE a = 1 GROUP BY a", "Unsupported clause: GROUP BY at 1:38:1"),
        ("SELECT DISTINCT a FROM t", "Unsupported clause: DISTINCT at 1:8:8"),
        ("SELECT * FROM \"\" WHERE pk = 'x'", "Path component cannot be an empty string"),
        ("SELECT * FROM t.\"\" WHERE pk = 'x'", "Path component cannot be an empty string"),
        ("SELECT * FROM t.\"i\".\"x\"", "A path may contain at most 2 components in the FROM clause"),
        ("SELECT * FROM ? WHERE a = 1", "Number of parameters in request and statement don't match."),
        ("INSERT INTO t.\"i\" VALUE {'pk': 'a'}", "FROM clause may only contain a single table name"),
        ("UPDATE t.\"i\" SET a = 1 WHERE pk = 'a'", "This operation is not supported on an index"),
        ("DELETE FROM t.\"i\" WHERE pk = 'a'", "This operation is not supported on an index"),
        ("INSERT INTO t VALUE {'a': 1} RETURNING ALL NEW *", "Unsupported clause: RETURNING at 1:30:9"),
        ("INSERT INTO t {'a': 1}", "Unsupported clause: INSERT without VALUE at 1:15:1"),
        (
            "DELETE FROM t WHERE pk = 'x' RETURNING MODIFIED OLD *",
            "Invalid returning clause: RETURNING MODIFIED OLD *. "
                + "Only RETURNING ALL OLD * is allowed in DELETE statements."
        ),
        ("UPDATE t REMOVE a RETURNING ALL OLD a", notWellFormed + "Unsupported syntax in RETURNING columns."),
        ("x IS INT4", "Unsupported operation: IsType"), ("x IS DOUBLE PRECISION", "Unsupported operation: IsType"),
        ("x IS CHARACTER VARYING", "Unsupported operation: IsType"),
        ("INSERT INTO t VALUE {'a': 1, 'a': 2}", "A tuple cannot have the same key twice"),
        ("INSERT INTO t VALUE {'m': {'a': 1, 'a': 2}}", "A tuple cannot have the same key twice"),
        ("INSERT INTO t VALUE {'': 1}", "Empty attribute name at 1:22:2"),
    ])
    func statementsThatCannotBe(text: String, message: String) throws {
        #expect(try refusal(text) == message)
    }

    @Test func placesAreCountedByLine() throws {
        let text = "UPDATE \"t\"\nSET BandMembers = set_add(BandMembers, 'x')\nWHERE pk='sets'"
        #expect(try refusal(text) == "The second argument to SET_ADD must be a value with type SET at 2:27:11")
    }

    @Test func parametersAreAsManyAsQuestionMarks() throws {
        let message = "Number of parameters in request and statement don't match."
        #expect(try refusal("SELECT * FROM t WHERE a = ?") == message)
        #expect(try refusal("SELECT * FROM t WHERE a = '?'", Self.parameter) == message)
        #expect(try refusal("SELECT * FROM t WHERE a = ? AND b = ?", Self.parameter) == message)
        // A text that is no statement is so first.
        #expect(try refusal("SELECT * FROM t WHERE a = ? AND") != message)
    }

    @Test func statementsAreNotLongerThanTheyMayBe() throws {
        let long = "SELECT * FROM t" + String(repeating: " ", count: StatementLimits.lengthMax)
        #expect(try refusal(String(long.prefix(StatementLimits.lengthMax))) == nil)
        #expect(try refusal(long)?.contains("less than or equal to 8192") == true)
    }

    @Test(arguments: [
        "(", "[", "{'a':", "NOT ", "- ", "f(", "a[", "a IN (", "SELECT ", "FROM ", "<<", "a = ", "a AND ",
    ])
    func deepStatementsTakeABoundedStack(piece: String) throws {
        let count = (StatementLimits.lengthMax - 30) / piece.count
        let text = "SELECT * FROM t WHERE " + String(repeating: piece, count: count)
        #expect(try refusal(text) != nil)
        #expect(try refusal(String(text.dropFirst(22))) != nil)
    }

    @Test func aStatementHasNoMoreThan300Operators() throws {
        func text(_ count: Int) -> String {
            "SELECT * FROM t WHERE " + (0..<count).map { "a=\($0)" }.joined(separator: " OR ")
        }
        #expect(try refusal(text(150)) == nil)
        #expect(try refusal(text(151)) == "The expression contains too many operators; operator count: 301")
    }
}
