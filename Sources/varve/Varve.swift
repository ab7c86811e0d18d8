import ArgumentParser
@main struct Varve: AsyncParsableCommand {}
