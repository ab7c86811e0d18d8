import Testing

@testable import Daemon

/// Pages that list what the program declares say the same as the program.
@Suite struct DocumentTests {
    private func page(_ name: String) throws -> String {
        // Sources know where they were compiled; the tests run in the same checkout.
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try FileText.read("/\(root)/docs/\(name)")
    }

    @Test func configurationIsDocumentedAsDeclared() throws {
        #expect(
            try page("configuration.md") == ConfigurationReference.markdown,
            "run: varve generate-docs configuration > docs/configuration.md")
    }

    @Test func metricsAreDocumentedAsDeclared() throws {
        #expect(
            try page("operations.md").contains(MetricReference.markdown),
            "put the output of `varve generate-docs metrics` into docs/operations.md")
    }

    @Test(arguments: Daemon.ExitStatus.allCases)
    func exitStatusesAreDocumented(status: Daemon.ExitStatus) throws {
        #expect(try page("cli.md").contains("| \(status.rawValue) | \(status.meaning) |"))
    }
}
