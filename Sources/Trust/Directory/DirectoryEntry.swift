package import Identity

/// What one line of the extraction says: a person, and one situation unless the line names none.
package struct DirectoryEntry: Hashable, Sendable {
    package let person: NationalID
    package let familyName: String?
    package let givenName: String?
    /// Know-how of this line alone; other lines of the same situation bring others.
    package let situation: Situation?

    package init(person: NationalID, familyName: String?, givenName: String?, situation: Situation?) {
        self.person = person
        self.familyName = familyName
        self.givenName = givenName
        self.situation = situation
    }
}

/// A line that could not be taken.
package struct BadLine: Hashable, Sendable {
    /// From 1, the header's.
    package let number: Int
    package let reason: String

    package init(number: Int, reason: String) {
        self.number = number
        self.reason = reason
    }
}
