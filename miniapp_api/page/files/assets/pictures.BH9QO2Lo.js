import{y as t}from"./index-ll5hFVGe.js";function i(i){return i.startsWith("/")?("web"===t.name?location.origin:"")+i:i}export{i as p};
