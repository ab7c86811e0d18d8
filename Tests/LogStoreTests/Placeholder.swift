import Testing
@Test func placeholderLogStore() {}
