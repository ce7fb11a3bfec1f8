import Glibc
import Primitives
import Testing

struct SystemReasonTests {
    @Test(arguments: [
        ENOENT, EACCES, EPERM, ENOSPC, EROFS, EIO, EDQUOT, ENOTDIR, EISDIR, EEXIST, EMFILE, ECONNREFUSED, ELOOP, EFBIG,
    ])
    func usualReasonsAreFrenchInFrench(_ number: Int32) {
        let reason = FileError("/a", number).text
        #expect(reason.english == String(cString: strerror(number)))
        #expect(reason.french != reason.english)
        #expect(FileError("/a", number).reason == reason.english)
    }

    @Test func othersAreTheSystemsOwnWords() {
        let words = String(cString: strerror(EXDEV))
        #expect(Text.system(EXDEV) == Text(words, words))
    }

    @Test(arguments: [
        ("Connection refused", "connexion refusée"), ("/a: No such file or directory", "/a: aucun fichier ni dossier de ce nom"),
        ("it cannot be read: not a regular file", "it cannot be read: n'est pas un fichier ordinaire"),
        ("of another kind", "of another kind"),
    ])
    func whatTheSystemSaidIsKnownAgain(_ english: String, _ french: String) {
        #expect(Text.heard(english) == Text(french, english))
    }

    @Test func whatIsNoRegularFileIsSaidInOurWords() {
        #expect(FileError("/a", EINVAL).text == Text("n'est pas un fichier ordinaire", "not a regular file"))
    }
}
