import ArgumentParser
import Foundation
import Primitives

/// What `--help` says, in both languages. The words between (`USAGE`, `OPTIONS`) are the parser's own and stay English.
///
/// The parser asks for these texts before it reads any option, so the language is looked up in the arguments as they are.
enum Help {
    private static let language = GlobalOptions.language(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)

    static func text(_ english: String, _ french: String) -> String { Text(french, english).in(language) }

    static func argument(_ english: String, _ french: String) -> ArgumentHelp { ArgumentHelp(text(english, french)) }
}
