import Testing
@Test func placeholderEncryption() {}
