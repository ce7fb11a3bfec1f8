/// A sentence for people, in both languages of the product.
package struct Text: Hashable, Sendable {
    package let french: String
    package let english: String

    package init(_ french: String, _ english: String) {
        self.french = french
        self.english = english
    }

    /// A name or a number, which is the same in both.
    package init(_ name: String) { self.init(name, name) }

    /// What is said of something, after its name.
    package func of(_ place: Text) -> Text { Text("\(place.french) : \(french)", "\(place.english): \(english)") }

    package func of(_ place: String) -> Text { of(Text(place)) }

    package func `in`(_ language: Language) -> String { language == .french ? french : english }
}

/// Languages of texts for people.
package enum Language: String, Hashable, Sendable, CaseIterable {
    case french = "fr"
    case english = "en"

    /// The first of the two that an `Accept-Language` header names with the greatest weight (RFC 9110 §12.5.4); English otherwise.
    package init(acceptLanguage header: String?) {
        var best: (language: Language, weight: Double)?
        for range in (header ?? "").prefix(256).split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.trimmed }
            guard let tag = parts.first, let language = Language(rawValue: String(tag.lowercased().prefix(2))) else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if quality > best?.weight ?? 0 { best = (language, quality) }
        }
        self = best?.language ?? .english
    }

    /// From a locale name as `LANG` holds it: `fr_FR.UTF-8`.
    package init(locale: String?) { self = (locale ?? "").hasPrefix("fr") ? .french : .english }

    /// That of the locale (POSIX.1-2017 §8.2: `LC_ALL`, then `LC_MESSAGES`, then `LANG`; an empty one counts as none).
    package init(environment: [String: String]) {
        self.init(locale: ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty })
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
