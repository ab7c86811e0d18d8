import PartiQL
import Testing

/// What statements say, form by form.
struct StatementTests {
    private static let a = #"{"S":"a"}"#
    private static let one = #"{"N":"1"}"#

    @Test(arguments: [
        ("SELECT * FROM Music", "SELECT * FROM Music"),
        ("select * from \"my-table\"", "SELECT * FROM my-table"),
        ("SELECT * FROM \"t\".\"i\"", "SELECT * FROM t INDEX i"), ("SELECT ALL a FROM t;", "SELECT [a] AS a FROM t"),
        ("SELECT * FROM t.i ;", "SELECT * FROM t INDEX i"),
        (
            "SELECT a, \"b c\".d, e[0], f.g[1][2] FROM t",
            "SELECT [a] AS a, [b c, d] AS d, [e, [0]] AS e[0], [f, g, [1], [2]] AS g[1][2] FROM t"
        ),
        ("SELECT \"a.b\", a.\"b\"\"c\" FROM t", "SELECT [a.b] AS a.b, [a, b\"c] AS b\"c FROM t"),
        ("SELECT l[-0] FROM t", "SELECT [l, [0]] AS l[0] FROM t"),
        ("SELECT $x, _y FROM t", "SELECT [$x] AS $x, [_y] AS _y FROM t"),
        (
            "SELECT * FROM t WHERE a = 'a' ORDER BY a, b DESC, c asc",
            "SELECT * FROM t WHERE ([a] = \(a)) ORDER a ASC, b DESC, c ASC"
        ),
        (
            "EXISTS(SELECT * FROM t WHERE pk = 'a' AND x IS MISSING)",
            "EXISTS SELECT * FROM t WHERE (([pk] = \(a)) AND missing([x]))"
        ),
    ])
    func selects(text: String, expected: String) throws {
        #expect(try Lab().parse(text).description == expected)
    }

    @Test(arguments: [
        ("INSERT INTO t VALUE {'pk': 'a'}", "INSERT t {\"pk\":\(a)}"),
        ("insert into \"t\" value {'b':1,'a':'it''s'};", #"INSERT t {"a":{"S":"it's"},"b":{"N":"1"}}"#),
        ("INSERT INTO t VALUE {}", "INSERT t {}"),
        (
            "INSERT INTO t VALUE {'t': TRUE, 'f': false, 'n': null, 'l': [1, 'a', []], 'm': {'k': {}}}",
            #"INSERT t {"f":{"BOOL":false},"l":{"L":[{"N":"1"},{"S":"a"},{"L":[]}]},"m":{"M":{"k":{"M":{}}}},"#
                + #""n":{"NULL":true},"t":{"BOOL":true}}"#
        ),
        (
            "INSERT INTO t VALUE {'ss': <<'b','a'>>, 'ns': << 2 , 1.0, -3 >>, 's': ''}",
            #"INSERT t {"ns":{"NS":["-3","1","2"]},"s":{"S":""},"ss":{"SS":["a","b"]}}"#
        ),
        (
            "INSERT INTO t VALUE {'a': 1E3, 'b': -1.5e-3, 'c': 2.50, 'd': -0, 'e': .5, 'f': - - 1, 'g': +7.31e+6}",
            #"INSERT t {"a":{"N":"1000"},"b":{"N":"-0.0015"},"c":{"N":"2.5"},"d":{"N":"0"},"e":{"N":"0.5"},"#
                + #""f":{"N":"1"},"g":{"N":"7310000"}}"#
        ),
    ])
    func inserts(text: String, expected: String) throws {
        #expect(try Lab().parse(text).description == expected)
    }

    @Test(arguments: [
        ("UPDATE t SET a = 'a' WHERE pk = 'a'", "UPDATE t: [a] = \(a) WHERE ([pk] = \(a))"),
        ("UPDATE t SET a = 1, b = c SET d.e[0] = 1", "UPDATE t: [a] = \(one); [b] = [c]; [d, e, [0]] = \(one)"),
        ("UPDATE t REMOVE a REMOVE b.c SET d = 1", "UPDATE t: remove [a]; remove [b, c]; [d] = \(one)"),
        ("UPDATE t SET n = n+1, m = n - 1", "UPDATE t: [n] = ([n] + \(one)); [m] = ([n] - \(one))"),
        ("UPDATE t SET n = (n - 1) + 1", "UPDATE t: [n] = (([n] - \(one)) + \(one))"),
        ("UPDATE t SET n=n-1", "UPDATE t: [n] = ([n] - \(one))"),
        (
            "UPDATE t SET l = LIST_APPEND(l, [1]), k = list_append(['a'], k)",
            #"UPDATE t: [l] = list_append([l], {"L":[{"N":"1"}]}); [k] = list_append({"L":[{"S":"a"}]}, [k])"#
        ),
        (
            "UPDATE t SET s = set_add(s, <<'a'>>) SET m.s = SET_DELETE(m.s, <<1>>)",
            #"UPDATE t: add [s] {"SS":["a"]}; delete [m, s] {"NS":["1"]}"#
        ),
        (
            "UPDATE t SET a = 1 WHERE pk = 'a' RETURNING ALL OLD *",
            "UPDATE t: [a] = \(one) WHERE ([pk] = \(a)) RETURNING ALL OLD"
        ),
        ("UPDATE t REMOVE a RETURNING modified new *", "UPDATE t: remove [a] RETURNING MODIFIED NEW"),
        (
            "FROM \"t\" WHERE pk = 'a' SET c = 1 REMOVE a RETURNING ALL NEW *",
            "UPDATE t: [c] = \(one); remove [a] WHERE ([pk] = \(a)) RETURNING ALL NEW"
        ),
        ("DELETE FROM t WHERE pk = 'a'", "DELETE t WHERE ([pk] = \(a))"), ("delete from t", "DELETE t"),
        (
            "DELETE FROM \"t\" WHERE pk = 'a' AND n = 1 RETURNING ALL OLD *",
            "DELETE t WHERE (([pk] = \(a)) AND ([n] = \(one))) RETURNING ALL OLD"
        ),
    ])
    func writes(text: String, expected: String) throws {
        #expect(try Lab().parse(text).description == expected)
    }

    @Test(arguments: [
        ("a = 'a' OR b = 'a' AND c = 'a'", "(([a] = §) OR (([b] = §) AND ([c] = §)))"),
        ("(a = 'a' OR b = 'a') AND NOT c = 'a'", "((([a] = §) OR ([b] = §)) AND (NOT ([c] = §)))"),
        ("NOT a = 'a' AND b != 'a'", "((NOT ([a] = §)) AND ([b] <> §))"),
        (
            "a BETWEEN 'a' AND 'a' AND b NOT BETWEEN 'a' AND 'a'",
            "(([a] BETWEEN § AND §) AND (NOT ([b] BETWEEN § AND §)))"
        ),
        ("a IN ('a', b) AND c NOT IN ['a']", "(([a] IN §, [b]) AND (NOT ([c] IN §)))"), ("a IN ('a')", "([a] IN §)"),
        ("a IS NULL AND b IS NOT NULL", "(type([a], NULL) AND (NOT type([b], NULL)))"),
        ("a IS MISSING OR b.c IS NOT MISSING", "(missing([a]) OR (NOT missing([b, c])))"),
        ("ATTRIBUTE_EXISTS (a) AND attribute_not_exists(b[0])", "(exists([a]) AND missing([b, [0]]))"),
        ("begins_with(\"a\", 'a') AND contains(b, 'a')", "(begins_with([a], §) AND contains([b], §))"),
        ("attribute_type(a, 'SS') AND size(\"b\") > size(c)", "(type([a], SS) AND (size([b]) > size([c])))"),
        ("'a' = a AND (b) = ('a')", "((§ = [a]) AND ([b] = §))"), ("(a).b[0] = 'a'", "([a, b, [0]] = §)"),
        ("attribute_exists(a) = false", #"(truthexists([a]) = {"BOOL":false})"#),
        ("(a = 'a') = true", #"(truth([a] = §) = {"BOOL":true})"#),
        ("a = 'a' = b", "(truth([a] = §) = [b])"), ("a < 'a' = b", "(truth([a] < §) = [b])"),
        ("a--b\n= /* = */'a'", "([a] = §)"), ("a='--a/*b*/' -- c", #"([a] = {"S":"--a/*b*/"})"#),
        ("n=-1", #"([n] = {"N":"-1"})"#), ("a = <<'a'>>", #"([a] = {"SS":["a"]})"#),
        ("a = {'k': [1]}", #"([a] = {"M":{"k":{"L":[{"N":"1"}]}}})"#),
        ("data = 'a' AND name = 'a' AND year = 'a'", "((([data] = §) AND ([name] = §)) AND ([year] = §))"),
    ])
    func conditions(text: String, expected: String) throws {
        let statement = try Lab().parse("SELECT * FROM t WHERE \(text)")
        #expect(statement.description == "SELECT * FROM t WHERE " + expected.replacing("§", with: Self.a))
    }

    @Test func parametersStandForValues() throws {
        let lab = try Lab(parameters: #"[{"S":"a"},{"B":"AAE="},{"SS":["x"]},{"M":{"k":{"L":[{"N":"1"}]}}}]"#)
        let select = try lab.parse("SELECT * FROM t WHERE pk = ? AND (b = ? OR s = ?) AND m IN [?, '?']")
        #expect(
            select.description == "SELECT * FROM t WHERE ((([pk] = \(Self.a)) AND (([b] = {\"B\":\"AAE=\"}) "
                + #"OR ([s] = {"SS":["x"]}))) AND ([m] IN {"M":{"k":{"L":[{"N":"1"}]}}}, {"S":"?"}))"#)
        let insert = try lab.parse("INSERT INTO t VALUE {'a': ?, 'b': ?, 'c': ?, 'd': ?}")
        #expect(
            insert.description == "INSERT t {\"a\":\(Self.a),\"b\":{\"B\":\"AAE=\"},\"c\":{\"SS\":[\"x\"]},"
                + #""d":{"M":{"k":{"L":[{"N":"1"}]}}}}"#)
        let update = try lab.parse("FROM t WHERE pk = ? SET b = ? SET s = set_add(s, ?), m = ?")
        #expect(
            update.description == "UPDATE t: [b] = {\"B\":\"AAE=\"}; add [s] {\"SS\":[\"x\"]}; "
                + "[m] = {\"M\":{\"k\":{\"L\":[{\"N\":\"1\"}]}}} WHERE ([pk] = \(Self.a))")
    }

    /// The parameters belong to the request, which ends before the statement does.
    @Test func aStatementOwnsItsValues() throws {
        func statement() throws -> Statement {
            try Lab(parameters: #"[{"S":"\#(String(repeating: "long", count: 500))"}]"#)
                .parse("SELECT * FROM t WHERE a = ? AND b = 'short'")
        }
        let statements = try (0..<20).map { _ in try statement() }
        for statement in statements {
            #expect(statement.description.contains(String(repeating: "long", count: 500)))
            #expect(statement.description.contains("short"))
        }
    }

    /// Values are written where they stay: there is room for the most that a text can say.
    @Test func denseValuesHaveRoom() throws {
        for element in ["1", "[]", "{}", "<<1>>", "TRUE", "''"] {
            let count = (StatementLimits.lengthMax - 60) / (element.count + 1)
            let elements = Array(repeating: element, count: count).joined(separator: ",")
            let statement = try Lab().parse("INSERT INTO t VALUE {'first': 'x', 'l': [\(elements)]}")
            #expect(statement.description.hasPrefix(#"INSERT t {"first":{"S":"x"},"l":{"L":[{"#))
            let operands = Array(repeating: element, count: 100).joined(separator: ",")
            let select = try Lab().parse("SELECT * FROM t WHERE a IN (\(operands)) AND b = 'x'")
            #expect(select.description.hasSuffix(#"AND ([b] = {"S":"x"}))"#))
        }
    }

    @Test func whatAStatementIs() throws {
        let lab = try Lab()
        #expect(try lab.parse("SELECT * FROM t").isRead)
        #expect(try !lab.parse("EXISTS(SELECT * FROM t WHERE a = 1)").isRead)
        #expect(try lab.parse("SELECT * FROM t.i").table == "t")
        #expect(try lab.parse("INSERT INTO u VALUE {'a': 1}").table == "u")
        #expect(try lab.parse("UPDATE t REMOVE a RETURNING MODIFIED OLD *").returning == .modifiedOld)
        #expect(try lab.parse("DELETE FROM t RETURNING ALL OLD *").returning == .allOld)
        #expect(try lab.parse("DELETE FROM t").returning == nil)
    }

    @Test func aSelectListNamesValuesByTheirLastName() throws {
        let lab = try Lab(
            #"{"l":{"L":[{"S":"a"},{"S":"b"}]},"m":{"M":{"k":{"L":[{"S":"c"}]}}},"s":{"S":"d"},"a":{"N":"1"}}"#)
        #expect(try lab.shown("m.k[0], l[1], nope, nope.x, a") == #"{"a":{"N":"1"},"k[0]":{"S":"c"},"l[1]":{"S":"b"}}"#)
        #expect(try lab.shown("m.k, s") == #"{"k":{"L":[{"S":"c"}]},"s":{"S":"d"}}"#)
        #expect(try lab.shown("nope") == "{}")
        #expect(try lab.shown("*") == Lab.json(lab.item))
    }
}
