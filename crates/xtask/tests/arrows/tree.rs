//! The modules of a crate, with what each defines, re-exports and mentions.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use syn::{Attribute, Item, ItemMod, Meta, UseTree, Visibility, ext::IdentExt as _, spanned::Spanned as _};

use crate::names::{self, Name};

/// The modules of a crate, the root first.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) modules: Vec<Module>,
}

#[derive(Debug)]
pub(crate) struct Module {
    /// `a::b`; empty for the root.
    pub(crate) path: Vec<String>,
    pub(crate) file: PathBuf,
    pub(crate) parent: Option<usize>,
    /// The submodules, in the order of their declarations.
    pub(crate) children: Vec<usize>,
    pub(crate) items: BTreeSet<String>,
    pub(crate) uses: Vec<Use>,
    /// The paths in everything but `use` declarations.
    pub(crate) names: Vec<Name>,
    /// Invokes macros, which may define items.
    pub(crate) has_macros: bool,
}

/// One leaf of a `use` declaration.
#[derive(Debug)]
pub(crate) struct Use {
    pub(crate) path: Vec<String>,
    /// `None` for `*`, and for `as _`.
    pub(crate) alias: Option<String>,
    pub(crate) is_glob: bool,
    pub(crate) is_reexport: bool,
    pub(crate) line: usize,
}

/// Returns the text of a file, if there is one.
type Read<'a> = dyn Fn(&Path) -> Option<String> + 'a;

impl Tree {
    pub(crate) fn read(root: &Path, read: &Read<'_>) -> Result<Self, String> {
        let mut tree = Self::default();
        let items = parse(root, read)?;
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        tree.add(None, None, root, &folder, items, read)?;
        Ok(tree)
    }

    pub(crate) fn child(&self, module: usize, name: &str) -> Option<usize> {
        let children = &self.modules[module].children;
        children.iter().copied().find(|child| self.modules[*child].path.last().is_some_and(|last| last == name))
    }

    /// Adds a module of a file, with its submodules, whose files are in `folder`.
    fn add(
        &mut self,
        parent: Option<usize>,
        name: Option<String>,
        file: &Path,
        folder: &Path,
        items: Vec<Item>,
        read: &Read<'_>,
    ) -> Result<(), String> {
        let index = self.modules.len();
        let mut path = parent.map_or_else(Vec::new, |parent| self.modules[parent].path.clone());
        path.extend(name);
        self.modules.push(Module {
            path,
            file: file.to_owned(),
            parent,
            children: Vec::new(),
            items: BTreeSet::new(),
            uses: Vec::new(),
            names: Vec::new(),
            has_macros: false,
        });
        if let Some(parent) = parent {
            self.modules[parent].children.push(index);
        }
        for item in items {
            if attributes(&item).iter().any(is_test) {
                continue;
            }
            match item {
                Item::Mod(module) => self.add_submodule(index, module, file, folder, read)?,
                // Another crate.
                Item::Use(item) if item.leading_colon.is_some() => {}
                Item::Use(item) => {
                    let is_reexport = !matches!(item.vis, Visibility::Inherited);
                    let start = Use { path: Vec::new(), alias: None, is_glob: false, is_reexport, line: 0 };
                    add_uses(&mut self.modules[index].uses, &item.tree, &start);
                }
                item => {
                    let module = &mut self.modules[index];
                    module.has_macros |= matches!(&item, Item::Macro(item) if item.ident.is_none());
                    module.items.extend(defined(&item));
                    names::collect(&mut module.names, quote::ToTokens::into_token_stream(item));
                }
            }
        }
        Ok(())
    }

    fn add_submodule(
        &mut self,
        parent: usize,
        module: ItemMod,
        file: &Path,
        folder: &Path,
        read: &Read<'_>,
    ) -> Result<(), String> {
        let name = module.ident.unraw().to_string();
        if self.child(parent, &name).is_some() {
            // The same module under another `cfg`.
            return Ok(());
        }
        let below = folder.join(&name);
        if let Some((_, items)) = module.content {
            return self.add(Some(parent), Some(name), file, &below, items, read);
        }
        let files = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
        let found = files.iter().find(|file| read(file).is_some());
        let found = found.ok_or_else(|| format!("{}: no file of module {name}", file.display()))?;
        let items = parse(found, read)?;
        self.add(Some(parent), Some(name), found, &below, items, read)
    }
}

fn parse(file: &Path, read: &Read<'_>) -> Result<Vec<Item>, String> {
    let text = read(file).ok_or_else(|| format!("{}: not found", file.display()))?;
    let parsed = syn::parse_file(&text);
    parsed.map(|file| file.items).map_err(|error| format!("{}:{}: {error}", file.display(), error.span().start().line))
}

fn add_uses(uses: &mut Vec<Use>, tree: &UseTree, start: &Use) {
    let with = |path: &syn::Ident| [start.path.clone(), vec![path.unraw().to_string()]].concat();
    let leaf = |path: Vec<String>, alias: Option<String>, is_glob| {
        // `use a::{self}` imports `a`.
        let path = if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path[..path.len() - 1].to_vec()
        } else {
            path
        };
        let alias = alias.map(|alias| if alias == "self" { path.last().cloned().unwrap_or_default() } else { alias });
        let alias = alias.filter(|alias| alias != "_");
        Use { path, alias, is_glob, is_reexport: start.is_reexport, line: tree.span().start().line }
    };
    match tree {
        UseTree::Path(path) => {
            let next = Use { path: with(&path.ident), alias: None, ..*start };
            add_uses(uses, &path.tree, &next);
        }
        UseTree::Name(name) => uses.push(leaf(with(&name.ident), Some(name.ident.unraw().to_string()), false)),
        UseTree::Rename(name) => uses.push(leaf(with(&name.ident), Some(name.rename.unraw().to_string()), false)),
        UseTree::Glob(_) => uses.push(leaf(start.path.clone(), None, true)),
        UseTree::Group(group) => group.items.iter().for_each(|tree| add_uses(uses, tree, start)),
    }
}

/// The names that an item adds to its module.
fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.unraw().to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]`, alone or first in `all`.
fn is_test(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string().replace(' ', "");
    list.path.is_ident("cfg") && (condition == "test" || condition.starts_with("all(test,"))
}
