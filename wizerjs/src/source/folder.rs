//! The folder of a project.

use std::path::Path;

/// Name of the file with a project's settings.
pub const SETTINGS_FILE: &str = "wizerjs.toml";

/// Files that are in the folder of a project.
const PROJECT_FILES: [&str; 2] = [SETTINGS_FILE, "package.json"];

/// The project's folder that `folder`, an absolute path, belongs to: the nearest with a `wizerjs.toml` or `package.json`,
/// else it is one itself.
pub fn project_folder(folder: &Path) -> &Path {
    let has_project = |folder: &&Path| PROJECT_FILES.iter().any(|file| folder.join(file).is_file());
    folder.ancestors().find(has_project).unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::{SETTINGS_FILE, project_folder};

    #[test]
    fn the_project_is_where_package_json_or_the_settings_are() {
        let folder = tempfile::tempdir().unwrap();
        let sources = folder.path().join("src");
        let deep = sources.join("deep");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(project_folder(&deep), deep);
        std::fs::write(folder.path().join("package.json"), "{}").unwrap();
        assert_eq!(project_folder(&deep), folder.path());
        std::fs::write(sources.join(SETTINGS_FILE), "").unwrap();
        assert_eq!(project_folder(&deep), sources);
    }
}
