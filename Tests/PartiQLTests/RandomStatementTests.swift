import Bytes
import Expressions
import Items
import PartiQL
import Testing

struct RandomStatementTests {
    /// A statement printed in any of its spellings says what it was made of.
    @Test(arguments: [81, 82, 83, 84] as [UInt64]) func statementsComeBackFromTheirText(seed: UInt64) throws {
        var statements = RandomStatement(seed: seed)
        let lab = try Lab()
        for _ in 0..<400 {
            let phrase = statements.statement()
            do throws(StatementError) {
                #expect(try lab.parse(phrase.text).description == phrase.meaning, "\(phrase.text)")
            } catch {
                Issue.record("\(error.message)\n\(phrase.text)")
            }
        }
    }

    // MARK: Plans

    private static let names = ["pk", "sk", "x"]
    private static let letters = ["a", "b", "c", "d"]

    /// A WHERE clause of two key attributes and another one, with few values.
    private static func condition(_ random: inout SeededRandom, depth: Int = 0) -> String {
        func letter() -> String { "'" + letters.randomElement(using: &random)! + "'" }
        let name = random.oneIn(2) ? "pk" : names.randomElement(using: &random)!
        switch Int.random(in: 0..<(depth < 4 ? 12 : 6), using: &random) {
        case 0, 1: return "\(name) = \(letter())"
        case 2: return "\(name) \(["<", "<=", ">", ">=", "<>"].randomElement(using: &random)!) \(letter())"
        case 3:
            let count = Int.random(in: 1...3, using: &random)
            return "\(name) IN ["
                + letters.shuffled(using: &random).prefix(count).map { "'\($0)'" }.joined(separator: ",")
                + "]"
        case 4: return "begins_with(\(name), \(letter()))"
        case 5:
            let bounds = [letter(), letter()].sorted()
            return "\(name) BETWEEN \(bounds[0]) AND \(bounds[1])"
        case 6: return "NOT (" + condition(&random, depth: depth + 1) + ")"
        case 7, 8:
            return "(" + condition(&random, depth: depth + 1) + " OR " + condition(&random, depth: depth + 1) + ")"
        default:
            return "(" + condition(&random, depth: depth + 1) + " AND " + condition(&random, depth: depth + 1) + ")"
        }
    }

    private static func fits(_ item: ItemView, _ condition: KeyCondition) -> Bool {
        let path = Condition.Operand.path(DocumentPath(attribute: condition.attribute))
        let values = condition.values.map { Condition.Operand.value($0) }
        let asked: Condition =
            switch condition.operator {
            case .equal: .comparison(.equal, path, values[0])
            case .less: .comparison(.less, path, values[0])
            case .lessOrEqual: .comparison(.lessOrEqual, path, values[0])
            case .greater: .comparison(.greater, path, values[0])
            case .greaterOrEqual: .comparison(.greaterOrEqual, path, values[0])
            case .between: .between(path, values[0], values[1])
            case .beginsWith: .beginsWith(path, values[0])
            }
        return asked.holds(of: item)
    }

    /// The queries of a plan find the items that the WHERE clause holds of, and none of them twice.
    @Test(arguments: [91, 92, 93, 94] as [UInt64]) func queriesFindWhatTheConditionHoldsOf(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var items: [Lab] = []
        for pk in Self.letters {
            for sk in Self.letters {
                let x = Self.letters.randomElement(using: &random)!
                items.append(try Lab(#"{"pk":{"S":"\#(pk)"},"sk":{"S":"\#(sk)"},"x":{"S":"\#(x)"}}"#))
            }
        }
        let lab = try Lab()
        var planCount = 0
        var overlapCount = 0
        for _ in 0..<2_000 {
            let text = Self.condition(&random)
            let statement: Statement
            let plan: ReadPlan
            do throws(StatementError) {
                statement = try lab.parse("SELECT * FROM t WHERE \(text)")
                guard case .select(let select) = statement.body else { continue }
                plan = try select.plan(key())
            } catch {
                // One attribute twice is fine, one between a greater and a smaller value is not made.
                #expect(error.message.hasPrefix("Overlapping") || error.message.hasPrefix("Too many"), "\(text)")
                overlapCount += 1
                continue
            }
            guard case .select(let select) = statement.body, let condition = select.condition,
                case .queries(let queries) = plan
            else { continue }
            planCount += 1
            for item in items {
                let found = queries.filter { query in
                    query.conditions.allSatisfy { Self.fits(item.item, $0) }
                        && query.filter?.holds(of: item.item) ?? true
                }
                let isFound = withExtendedLifetime(statement) { condition.holds(of: item.item) }
                #expect(found.count == (isFound ? 1 : 0), "\(text): \(Lab.json(item.item)), \(plan.descriptions)")
                for query in found where query.isWholeKey { #expect(query.conditions.count == 2) }
            }
        }
        #expect(planCount > 100)
        #expect(overlapCount > 10)
    }
}
