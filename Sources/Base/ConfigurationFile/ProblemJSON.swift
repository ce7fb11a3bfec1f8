package import Primitives

extension ConfigurationError {
    /// Every problem with its line, where it has one, and its key.
    package func json(_ language: Language = .english) -> JSON {
        .array(
            problems.map { problem in
                let line: JSON = if case .line(let number) = problem.place { .int(Int64(number)) } else { .null }
                return ["line": line, "key": .string(problem.key), "reason": .string(problem.text.in(language))]
            })
    }
}
